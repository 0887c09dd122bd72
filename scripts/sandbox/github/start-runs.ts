import { ApiError } from "./answer.ts";
import { cronDue } from "./cron.ts";
import type { Engine, EventName, RunHost, RunRecord } from "./engine-seam.ts";
import type { Git } from "./git.ts";
import { readCommit } from "./git-objects.ts";
import { matchesFilter } from "./glob.ts";
import type { RefMove } from "./move-ref.ts";
import { lastAttempt, newAttempt, type RunState, type RunStore, recordOf } from "./run-store.ts";
import { readStored, writeStored } from "./stored-file.ts";
import type { WorkflowFile, Workflows } from "./workflows.ts";

/** Turns events into runs: a dispatch, a moved branch, a minute of the clock, a second try. */

export interface StartRunsDeps {
  readonly engine: Engine | undefined;
  readonly host: RunHost;
  readonly git: Git;
  readonly store: RunStore;
  readonly workflows: Workflows;
  readonly defaultBranch: string;
  readonly tickFile: string;
  readonly scheduleActor: string;
  readonly now: () => Date;
}

export interface Start {
  readonly file: WorkflowFile;
  readonly workflowName: string;
  readonly event: EventName;
  readonly ref: string;
  readonly sha: string;
  readonly actor: string;
  readonly inputs: RunRecord["inputs"];
}

export interface StartRuns {
  start(what: Start): Promise<RunState>;
  /** Decides before the ref moves what a push will start; throws when a workflow cannot be read. */
  planPush(move: RefMove): Promise<() => Promise<void>>;
  tick(at: Date): Promise<readonly RunState[]>;
  rerun(run: RunState, actor: string): Promise<void>;
  recover(): Promise<void>;
}

const monthMs = 30 * 24 * 60 * 60 * 1000;

export function openStartRuns(deps: StartRunsDeps): StartRuns {
  const { host, git, store, workflows, defaultBranch, now } = deps;
  const engine = (): Engine => {
    if (deps.engine === undefined) throw new Error("This sandbox was started without a workflow engine");
    return deps.engine;
  };

  const hand = async (run: RunState): Promise<void> => {
    try {
      await engine().start(host, recordOf(run));
    } catch (error) {
      // A run that never began must not look queued for ever.
      store.changeAttempt(run.id, lastAttempt(run).number, (attempt) => ({ ...attempt, status: "completed", conclusion: "failure" }));
      throw error;
    }
  };

  const start = async ({ file, workflowName, event, ref, sha, actor, inputs }: Start): Promise<RunState> => {
    const id = store.nextRunId();
    const facts = {
      id,
      attempt: 1,
      path: file.path,
      event,
      ref,
      sha,
      actor,
      triggeringActor: actor,
      inputs,
      createdAt: now().toISOString(),
    };
    const title = engine().title(file.text, file.path, facts);
    const workflowId = workflows.entry(file.path).id;
    const run = store.add(id, { workflowId, path: file.path, workflowName, title, event, ref, sha, actor, inputs, triggeringActor: actor });
    await hand(run);
    return run;
  };

  const changedPaths = async (move: RefMove): Promise<readonly string[]> => {
    const from = move.before ?? (await readCommit(git, move.after))?.parents[0] ?? null;
    const listing = await (from === null
      ? git.text(["ls-tree", "-r", "-z", "--name-only", move.after])
      : git.text(["diff-tree", "-r", "-z", "--no-renames", "--name-only", from, move.after]));
    return listing.split("\0").filter((path) => path !== "");
  };

  const planPush = async (move: RefMove): Promise<() => Promise<void>> => {
    const branch = /^refs\/heads\/(.+)$/.exec(move.ref)?.[1];
    if (branch === undefined || !move.startsRuns || deps.engine === undefined) return async () => undefined;
    const starts: Start[] = [];
    let changed: readonly string[] | null = null;
    for (const file of await workflows.at(move.after)) {
      const { push, name } = workflows.plan(file);
      if (push === null || (push.branches.length > 0 && !matchesFilter(push.branches, branch))) continue;
      changed ??= await changedPaths(move);
      if (push.paths.length > 0 && !changed.some((path) => matchesFilter(push.paths, path))) continue;
      starts.push({ file, workflowName: name, event: "push", ref: move.ref, sha: move.after, actor: move.actor, inputs: {} });
    }
    return async () => {
      for (const one of starts) await start(one);
    };
  };

  return {
    start,
    planPush,
    async tick(at) {
      const since = readStored<string | null>(deps.tickFile, null);
      writeStored(deps.tickFile, at.toISOString());
      const ref = `refs/heads/${defaultBranch}`;
      const head = await git.read(ref);
      if (head === null || since === null) return [];
      const started: RunState[] = [];
      for (const file of await workflows.at(ref)) {
        const plan = workflows.plan(file);
        const due = plan.crons.some((cron) => cronDue(cron, new Date(since), at));
        if (due) {
          started.push(
            await start({ file, workflowName: plan.name, event: "schedule", ref, sha: head.sha, actor: deps.scheduleActor, inputs: {} }),
          );
        }
      }
      return started;
    },
    async rerun(run, actor) {
      const last = lastAttempt(run);
      if (last.status !== "completed") throw new ApiError(403, "This workflow is already running");
      if (now().getTime() - Date.parse(run.createdAt) > monthMs) {
        throw new ApiError(403, "Unable to retry this workflow run because it was created over a month ago");
      }
      const attempt = newAttempt(last.number + 1, actor, now().toISOString());
      await hand(store.change(run.id, (state) => ({ ...state, attempts: [...state.attempts, attempt] })));
    },
    async recover() {
      const unfinished = store.list().filter((run) => lastAttempt(run).status !== "completed");
      if (unfinished.length === 0) return;
      const runs = unfinished.map((run) => ({ ...recordOf(run), status: lastAttempt(run).status }));
      await engine().recover(host, runs.reverse());
    },
  };
}

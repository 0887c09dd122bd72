import { ApiError } from "./answer.ts";
import { allows, refusedFor } from "./gate.ts";
import type { Git } from "./git.ts";
import { listTree } from "./git-objects.ts";
import type { Caller } from "./route.ts";

/** The one place where a ref of the repository moves, one at a time: checks workflow files, swaps, then tells who listens. */

export interface RefMove {
  readonly ref: string;
  readonly before: string | null;
  readonly after: string;
  readonly actor: string;
  /** Events made with a job's token start no runs, nor does what the host puts in place. */
  readonly startsRuns: boolean;
}

export interface RefRequest {
  readonly ref: string;
  /** What the ref must point to now: null for "does not exist". */
  readonly expected: string | null;
  readonly after: string;
  /** Null: the sandbox's host, which is trusted. */
  readonly caller: Caller | null;
  readonly actor: string;
}

export type Moved = { readonly moved: true } | { readonly moved: false; readonly actual: string | null };

export interface Refs {
  read(ref: string): Promise<string | null>;
  move(request: RefRequest): Promise<Moved>;
}

export interface RefsOptions {
  readonly git: Git;
  readonly defaultBranch: string;
  /** Called before the swap; throws to refuse. What it returns is called after the swap. */
  readonly beforeMove: (move: RefMove) => Promise<() => Promise<void>>;
}

export function openRefs({ git, defaultBranch, beforeMove }: RefsOptions): Refs {
  let last: Promise<unknown> = Promise.resolve();
  const alone = (work: () => Promise<Moved>): Promise<Moved> => {
    const next = last.then(work, work);
    last = next.catch(() => undefined);
    return next;
  };
  const read = async (ref: string) => (await git.read(ref))?.sha ?? null;

  const move = async ({ ref, expected, after, caller, actor }: RefRequest): Promise<Moved> => {
    const actual = await read(ref);
    if (actual !== expected) return { moved: false, actual };
    if (caller !== null && !allows(caller, { permission: "workflows", level: "write" })) {
      const changed = await changedWorkflow(git, expected, after, `refs/heads/${defaultBranch}`);
      if (changed !== null) throw new ApiError(403, workflowRefusal(caller, changed));
    }
    const afterMove = await beforeMove({ ref, before: expected, after, actor, startsRuns: caller !== null && caller.token.kind !== "job" });
    await git.run(["update-ref", ref, after, expected ?? "0".repeat(40)]);
    await afterMove();
    return { moved: true };
  };
  return { read, move: (request) => alone(() => move(request)) };
}

function workflowRefusal(caller: Caller, path: string): string {
  const who = caller.token.kind === "job" ? "a GitHub App" : "a Personal Access Token";
  return `${refusedFor(caller)}: refusing to allow ${who} to create or update workflow \`${path}\` without \`workflows\` permission`;
}

async function workflowBlobs(git: Git, revision: string): Promise<ReadonlyMap<string, string>> {
  const folder = await git.read(`${revision}:.github/workflows`);
  if (folder === null) return new Map();
  const entries = await listTree(git, folder.sha, true);
  return new Map(entries.filter(({ type }) => type === "blob").map(({ path, sha }) => [`.github/workflows/${path}`, sha]));
}

/** The first workflow file that this move creates, changes or removes, unless the same blob already stands on the default branch. */
async function changedWorkflow(git: Git, before: string | null, after: string, defaultRef: string): Promise<string | null> {
  const [old, next, standing] = await Promise.all([
    before === null ? new Map<string, string>() : workflowBlobs(git, before),
    workflowBlobs(git, after),
    workflowBlobs(git, defaultRef),
  ]);
  const put = [...next].find(([path, sha]) => old.get(path) !== sha && standing.get(path) !== sha);
  const gone = [...old.keys()].find((path) => !next.has(path) && standing.has(path));
  return put?.[0] ?? gone ?? null;
}

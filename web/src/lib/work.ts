/**
 * One piece of work, a snapshot, a restore or an answer to an alert, as ledger and GitHub tell it together: the ledger says what was done, the
 * run what is going on.
 */
import { ENDINGS, type Entry, type EntryKind, REWIND_IMAGE_STEPS, REWIND_PLAN_STEPS, type ResponseAction } from "@holdfast/actions/domain";
import { answerIn } from "./answer-kinds.ts";
import { type KnownData, readData } from "./entry-data.ts";
import type { Run, Work } from "./github.ts";
import { WORKS } from "./github.ts";
import { readRunTitle } from "./run-title.ts";
import { completionOf, type Expected, entryOf, stepHistory, stepsOf } from "./step-times.ts";

export interface StepView {
  readonly name: string;
  /** What is true once the step is over. */
  readonly label: string;
  readonly state: "done" | "current" | "waiting" | "stopped";
  /** When the step before was over; null before that. */
  readonly startedAt: Date | null;
  readonly doneAt: Date | null;
  readonly expected: Expected | null;
}

export type WorkState = "waiting" | "queued" | "running" | "completed" | "refused" | "rejected" | "lapsed" | "failed" | "lost";

export interface WorkView {
  readonly requestId: string;
  readonly work: Work;
  /** Null for an answer to alerts, which belongs to no one cluster. */
  readonly cluster: string | null;
  /** What an answer does; null for other work. */
  readonly answer: ResponseAction | null;
  /** The new cluster of a restore; the restored one of a cut-over; the tables of a rewind; the oldest migration that is taken back; the snapshot's name once it is known; what an answer is about. */
  readonly target: string | null;
  /** The incident that it belongs to, as its entries say. */
  readonly incident: string | null;
  /** What a restore started from. */
  readonly point: NonNullable<KnownData["point"]> | null;
  readonly actor: string;
  readonly reason: string | null;
  readonly askedAt: Date;
  readonly state: WorkState;
  readonly steps: readonly StepView[];
  readonly run: Run | null;
  readonly entries: readonly Entry[];
  readonly ending: Entry | null;
}

export function isActive(view: Pick<WorkView, "state">): boolean {
  return view.state === "waiting" || view.state === "queued" || view.state === "running";
}

export function isRunning(run: Run): boolean {
  return run.status !== "completed";
}

/** What GitHub has told beside its list of runs. */
export interface Seen {
  /** When GitHub last listed its runs; null when it did not yet. */
  readonly runsReadAt: Date | null;
  /** Runs that a reviewer rejected, by id. */
  readonly rejected: ReadonlySet<number>;
}

/** Everything that was asked for, newest first. */
export function workViews(entries: readonly Entry[], runs: readonly Run[], seen: Seen): readonly WorkView[] {
  const groups = groupByRequest(entries);
  const told = runsByRequest(runs);
  const history = new Map(WORKS.map((work) => [work, stepHistory(work, groups.values())]));
  const ids = new Set([...groups.keys(), ...told.keys()]);
  return [...ids]
    .flatMap((id) => {
      const view = workView(id, groups.get(id) ?? [], told.get(id) ?? null, history, seen);
      return view === null ? [] : [view];
    })
    .toSorted((a, b) => b.askedAt.getTime() - a.askedAt.getTime());
}

/** Of several runs of one request (a browser sends again when a connection breaks, a person starts a run anew) a running one tells, else the newest. */
function runsByRequest(runs: readonly Run[]): ReadonlyMap<string, Run> {
  const told = new Map<string, Run>();
  const oldestFirst = runs.toSorted((a, b) => a.createdAt.getTime() - b.createdAt.getTime());
  for (const run of [...oldestFirst.filter((each) => !isRunning(each)), ...oldestFirst.filter(isRunning)]) {
    const title = readRunTitle(run.title);
    if (title) told.set(title.requestId, run);
  }
  return told;
}

/** Runs that failed without a word in the ledger: a reviewer may have rejected them, which only the run's reviews tell. */
export function unexplainedRuns(entries: readonly Entry[], runs: readonly Run[]): readonly number[] {
  const known = groupByRequest(entries);
  return runs.flatMap((run) => {
    const title = readRunTitle(run.title);
    if (run.conclusion !== "failure" || title === null) return [];
    const own = (known.get(title.requestId) ?? []).filter((entry) => !isToldByOthers(entry));
    return own.every(isBeforehand) ? [run.id] : [];
  });
}

// What a run writes before it asks people for the step that changes something: a no to that leaves everything as it was.
const BEFOREHAND: ReadonlySet<EntryKind> = new Set([
  "plan.completed",
  ...REWIND_PLAN_STEPS.map(({ kind }) => kind),
  ...REWIND_IMAGE_STEPS.map(({ kind }) => kind),
  "cut-over.requested",
  "cut-over.carried",
]);

function isBeforehand({ kind }: Entry): boolean {
  return BEFOREHAND.has(kind);
}

type History = ReadonlyMap<Work, ReadonlyMap<string, Expected | null>>;

function workView(requestId: string, entries: readonly Entry[], run: Run | null, history: History, seen: Seen): WorkView | null {
  const data = entries.map(readData);
  const known = <Value>(pick: (each: (typeof data)[number]) => Value | null | undefined): Value | null =>
    data.map(pick).find((value) => value !== undefined && value !== null) ?? null;
  const title = readRunTitle(run?.title ?? known((each) => each.title) ?? "");
  const answer = title?.answer ?? entries.map(answerIn).find((each) => each !== null) ?? null;
  const work = title?.work ?? (answer === null ? entries.map(workOf).find((each) => each !== undefined) : "respond");
  if (work === undefined) return null;
  const own = entries.filter((entry) => !isToldByOthers(entry));
  const [first] = own;
  const state = stateOf(work, own, entries, run, seen);
  return {
    requestId,
    work,
    cluster: work === "respond" ? null : (title?.cluster ?? known((each) => each.cluster) ?? "unknown"),
    answer,
    target: title?.target ?? targetIn(work, own),
    // Each image of a rewind has a point, and the rewind itself has none.
    point: work === "rewind" ? null : (known((each) => each.point) ?? title?.point ?? null),
    incident: entries.find((entry) => entry.incident !== undefined)?.incident ?? null,
    actor: first?.actor ?? run?.actor ?? known((each) => each.askedBy) ?? "unknown",
    reason: first?.reason || title?.reason || null,
    askedAt: new Date(run?.createdAt ?? entries[0]?.at ?? 0),
    state,
    steps: stepViews(work, entries, state, history.get(work)),
    run,
    entries,
    ending: state === "failed" || state === "refused" ? (own.at(-1) ?? null) : null,
  };
}

/** `own` are the entries that the work itself wrote, `entries` also those that others wrote about it. */
function stateOf(work: Work, own: readonly Entry[], entries: readonly Entry[], run: Run | null, { runsReadAt, rejected }: Seen): WorkState {
  if (completionOf(work, own) !== undefined) return "completed";
  if (run !== null && run.status === "waiting") return "waiting";
  // A run that was started again continues where it failed, so its earlier ending is not the last word.
  if (run !== null && isRunning(run)) return run.status === "in_progress" || own.length > 0 ? "running" : "queued";
  const last = own.at(-1);
  if (last !== undefined && isEnding(last)) return last.kind.endsWith(".refused") ? "refused" : "failed";
  // A job that nobody let in wrote nothing, and changed nothing; a later run tells of it, and before that only GitHub.
  const told = entries.map((entry) => UNHEARD.get(entry.kind)).findLast((state) => state !== undefined);
  const unbegun = own.every(isBeforehand);
  if (unbegun && told !== undefined) return told;
  if (run !== null && unbegun && rejected.has(run.id)) return "rejected";
  // Nothing was pending: planned, and over.
  if (work === "migrate" && unbegun && run?.conclusion === "success") return "completed";
  // An answer that somebody else had given already is recorded under theirs.
  if (work === "respond" && run?.conclusion === "success") return "completed";
  // A worker started by hand has no run, and a run younger than the last list is not on it yet.
  const newest = entries.at(-1);
  const unlisted =
    run === null && newest !== undefined && (newest.run === "local" || runsReadAt === null || Date.parse(newest.at) > runsReadAt.getTime());
  // Otherwise the run is over and the ledger does not say how: what exists is unknown, which is worse than a failure that says so.
  return unlisted ? "running" : "lost";
}

const UNHEARD: ReadonlyMap<string, WorkState> = new Map([
  ["request.rejected", "rejected"],
  ["request.lapsed", "lapsed"],
  ["request.lost", "lost"],
]);

function isEnding(entry: Entry): boolean {
  return entry.kind === "migration.stopped" || ENDINGS.some((name) => entry.kind.endsWith(`.${name}`));
}

function stepViews(work: Work, entries: readonly Entry[], state: WorkState, history?: ReadonlyMap<string, Expected | null>): StepView[] {
  const active = isActive({ state });
  let before: Date | null = null;
  let reached = true;
  return stepsOf(work, entries).map((step) => {
    const entry = entryOf(step, entries);
    const startedAt = before;
    const expected = history?.get(step.name) ?? null;
    if (entry) {
      before = new Date(entry.at);
      return { name: step.name, label: step.done, state: "done", startedAt, doneAt: before, expected };
    }
    const next = reached;
    reached = false;
    const stepState = !next || state === "waiting" ? "waiting" : active ? "current" : "stopped";
    return { name: step.name, label: step.done, state: stepState, startedAt: next ? startedAt : null, doneAt: null, expected };
  });
}

function groupByRequest(entries: readonly Entry[]): ReadonlyMap<string, readonly Entry[]> {
  const groups = new Map<string, Entry[]>();
  for (const entry of entries) {
    const id = requestOf(entry);
    if (id === null) continue;
    const group = groups.get(id);
    if (group) group.push(entry);
    else groups.set(id, [entry]);
  }
  return groups;
}

/** The request that an entry belongs to. What an answer records has a name of its own, so that two who answer at once make one entry. */
function requestOf(entry: Entry): string | null {
  if (answerIn(entry) !== null) return readData(entry).requestId ?? null;
  return workOf(entry) === undefined ? null : entry.id.slice(0, entry.id.lastIndexOf(":"));
}

/** What an entry is about; one that another run wrote says it in its data. */
function workOf(entry: Entry): Work | undefined {
  const named = isToldByOthers(entry) ? readData(entry).work : entry.kind.slice(0, entry.kind.indexOf("."));
  if (named === "plan" || named === "migration") return "migrate";
  return WORKS.find((work) => work === named);
}

/** Reviewers decide, and later runs tell of runs that could not: neither is a step of the work. */
function isToldByOthers(entry: Entry): boolean {
  return entry.kind.startsWith("request.");
}

/** What it is about, as its entries say. */
function targetIn(work: Work, own: readonly Entry[]): string | null {
  if (work === "respond") return answered(own[0]);
  const data = own.map(readData);
  if (work === "rewind") return data.find((each) => each.tables !== undefined)?.tables?.join(",") ?? null;
  if (work === "cut-over") return data.find((each) => each.restored)?.restored ?? null;
  if (work === "migrate") return data.find((each) => each.undo)?.undo ?? null;
  return data.find((each) => each.target)?.target ?? data.find((each) => each.snapshot)?.snapshot ?? null;
}

/** What an answer is about, as its entry says it. */
function answered(entry: Entry | undefined): string | null {
  if (entry === undefined) return null;
  const { suppression, matcher } = readData(entry);
  if (matcher !== undefined) return Object.values(matcher).join(" ");
  return suppression ?? entry.incident ?? null;
}

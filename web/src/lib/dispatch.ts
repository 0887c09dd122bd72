/**
 * Starts work, once. A double click, a lost answer, a reload or a second tab must never become a second restore: whatever is sent is noted
 * first, and before anything is sent again the page looks for what already runs.
 */
import { ApiFailure } from "./api-failure.ts";
import type { GitHub, Run, Work } from "./github.ts";
import { laneOf, readRunTitle } from "./run-title.ts";
import { isRunning } from "./work.ts";

export interface Order {
  readonly work: Work;
  /** What no second piece of this work should touch at the same time: see `laneOf`. */
  readonly lane: string;
  readonly requestId: string;
  readonly inputs: Readonly<Record<string, string>>;
}

/** What was sent from this browser and may not be on GitHub's list yet; shared by its tabs. */
export interface SentNote {
  readonly requestId: string;
  readonly at: string;
}

export interface DispatchPorts {
  readonly github: Pick<GitHub, "dispatch" | "runs">;
  readonly branch: string;
  /** The ledger says that this request's work is complete; its run only tidies up. */
  readonly isComplete: (requestId: string) => boolean;
  readonly now: () => Date;
  readonly wait: (ms: number) => Promise<void>;
  /** One tab at a time. */
  readonly alone: <T>(name: string, task: () => Promise<T>) => Promise<T>;
  readonly readNote: (name: string) => SentNote | null;
  readonly writeNote: (name: string, note: SentNote | null) => void;
}

export type DispatchOutcome =
  | { readonly kind: "sent"; readonly url: string | null }
  /** The answer was lost, but the run is there. */
  | { readonly kind: "found"; readonly run: Run }
  /** Other work of this kind on this cluster is on its way; nothing was sent. */
  | { readonly kind: "busy"; readonly requestId: string; readonly since: Date; readonly run: Run | null }
  /** Sent, no answer, and no run with this request's id so far. */
  | { readonly kind: "unknown"; readonly failure: ApiFailure }
  | { readonly kind: "refused"; readonly failure: ApiFailure };

// GitHub lists a new run within seconds; after this long a note without a run means that nothing started.
const NOTE_LIFE_MS = 120_000;
// After a lost answer: three looks, four seconds apart.
const LOOKS = 3;
const LOOK_PAUSE_MS = 4_000;

/** `despite` is the id of other work that the person has seen and wants to start beside. */
export function dispatchOnce(ports: DispatchPorts, order: Order, despite: string | null): Promise<DispatchOutcome> {
  const name = `${order.work} ${order.lane}`;
  return ports.alone(name, async () => {
    const runs = await listRuns(ports, order.work);
    if (runs instanceof ApiFailure) return { kind: "refused", failure: runs };
    const same = findRun(runs, order.requestId);
    if (same) return { kind: "found", run: same };
    const other = otherWork(ports, runs, order, name);
    if (other && other.requestId !== despite) return { kind: "busy", ...other };
    ports.writeNote(name, { requestId: order.requestId, at: ports.now().toISOString() });
    return await send(ports, order, name);
  });
}

async function send(ports: DispatchPorts, order: Order, name: string): Promise<DispatchOutcome> {
  try {
    const dispatched = await ports.github.dispatch(order.work, ports.branch, order.inputs);
    return { kind: "sent", url: dispatched?.url ?? null };
  } catch (error) {
    if (!(error instanceof ApiFailure)) throw error;
    // No answer and a failing server may both have started the run.
    const ambiguous = error.kind === "offline" || error.kind === "server";
    if (!ambiguous) {
      ports.writeNote(name, null);
      return { kind: "refused", failure: error };
    }
    return await lookFor(ports, order, error);
  }
}

async function lookFor(ports: DispatchPorts, order: Order, failure: ApiFailure): Promise<DispatchOutcome> {
  for (let look = 0; look < LOOKS; look += 1) {
    await ports.wait(LOOK_PAUSE_MS);
    const runs = await listRuns(ports, order.work);
    const run = runs instanceof ApiFailure ? undefined : findRun(runs, order.requestId);
    if (run) return { kind: "found", run };
  }
  return { kind: "unknown", failure };
}

function otherWork(ports: DispatchPorts, runs: readonly Run[], order: Order, name: string) {
  for (const run of runs) {
    const title = readRunTitle(run.title);
    if (title === null || laneOf(title) !== order.lane || !isRunning(run) || ports.isComplete(title.requestId)) continue;
    return { requestId: title.requestId, since: run.createdAt, run };
  }
  const note = ports.readNote(name);
  if (note === null || note.requestId === order.requestId) return null;
  const since = new Date(note.at);
  const listed = findRun(runs, note.requestId);
  return listed === undefined && ports.now().getTime() - since.getTime() < NOTE_LIFE_MS
    ? { requestId: note.requestId, since, run: null }
    : null;
}

function findRun(runs: readonly Run[], requestId: string): Run | undefined {
  return runs.find((run) => readRunTitle(run.title)?.requestId === requestId);
}

async function listRuns(ports: DispatchPorts, work: Work): Promise<readonly Run[] | ApiFailure> {
  try {
    return await ports.github.runs(work);
  } catch (error) {
    if (error instanceof ApiFailure) return error;
    throw error;
  }
}

/**
 * The frame around a request, written once: read the installation and the inputs, do the work, put every ending into the ledger, refresh the
 * views, and tell people what exists now and what to do next.
 */
import type { Aurora } from "../aurora/aurora.ts";
import { takeInventory } from "../aurora/take-inventory.ts";
import {
  type Cluster,
  type Config,
  type EntryData,
  type EntryKind,
  findCluster,
  InvalidInput,
  isIncident,
  nameRequest,
} from "../domain/index.ts";
import { approversOf, type Origin } from "../github/runs.ts";
import { publishStatus } from "../ledger/status.ts";
import type { ActionIo } from "../runner/action-io.ts";
import { type Installation, openInstallation } from "./installation.ts";
import { type Journal, openJournal, type Request } from "./journal.ts";
import { orphanFinder } from "./orphan-finder.ts";
import { DeadEnd, FoundWanting, type Outcome, Refusal, report, Stopped } from "./outcome.ts";
import { readConfig } from "./read-config.ts";
import { recordApproval, recordUnheard } from "./record-decisions.ts";

/** What can be asked for; each has `<work>.refused` and `<work>.failed` in the ledger. */
export type Work =
  | "snapshot"
  | "restore"
  | "drill"
  | "rewind"
  | "cleanup"
  | "plan"
  | "rehearsal"
  | "migration"
  | "retention"
  | "hold"
  | "cut-over"
  | "respond"
  | "detect"
  | "alerts"
  | "canary";

export interface Conduct<Inputs extends Readonly<Record<string, string>>, Parsed extends Request & { readonly cluster: string }> {
  readonly work: Work;
  readonly inputNames: readonly (keyof Inputs & string)[];
  parse(inputs: Readonly<Record<string, string>>, now: Date): Parsed;
  connect(cluster: Cluster): Aurora;
  perform(request: Parsed, cluster: Cluster, aurora: Aurora, journal: Journal, around: Around): Promise<Completed>;
  /** What of this request exists at AWS after a failure. */
  remains(request: Parsed, cluster: Cluster, aurora: Aurora): Promise<Remains>;
}

export type Completed = Extract<Outcome, { result: "completed" }>;

/** What only some work needs to see: the configuration, who asked and who agreed, and what was left over. */
export interface Around {
  readonly config: Config;
  readonly installation: Installation;
  readonly origin: Origin;
  /** Who let this run enter an environment, other than whoever asked. */
  readonly approvers: (environment: string) => Promise<readonly string[]>;
  /** The pages of another request that this one makes. */
  readonly journalOf: (request: Request) => Promise<Journal>;
  readonly findOrphans: ReturnType<typeof orphanFinder>;
}

export interface Remains {
  /** One sentence each. */
  readonly exists: readonly string[];
  /** The commands with which a person lets go of it. */
  readonly letGo: readonly string[];
}

export const NOTHING: Remains = { exists: [], letGo: [] };

/** Runs one request and returns the process's exit code. */
export async function conduct<Inputs extends Readonly<Record<string, string>>, Parsed extends Request & { readonly cluster: string }>(
  io: ActionIo,
  plan: Conduct<Inputs, Parsed>,
): Promise<number> {
  const installation = await openInstallation(io);
  const inputs = Object.fromEntries(plan.inputNames.map((name) => [name, io.input(name)]));
  try {
    const config = await readConfig();
    const request = plan.parse(inputs, new Date());
    const cluster = findCluster(config, request.cluster);
    return await carryOut(io, plan, installation, config, cluster, request);
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    const journal = await openJournal(
      installation.ledger,
      unreadable(inputs, plan.work, installation),
      installation.origin,
      () => new Date(),
    );
    return end(io, plan.work, installation, journal, new Refusal(error.message, "Correct the input and dispatch again."), NOTHING, {
      inputs: showInputs(inputs),
    });
  }
}

async function carryOut<Inputs extends Readonly<Record<string, string>>, Parsed extends Request & { readonly cluster: string }>(
  io: ActionIo,
  plan: Conduct<Inputs, Parsed>,
  installation: Installation,
  config: Config,
  cluster: Cluster,
  request: Parsed,
): Promise<number> {
  const journal = await openJournal(installation.ledger, request, installation.origin, () => new Date());
  const aurora = plan.connect(cluster);
  let outcome: Completed;
  try {
    const { github, ledger, origin } = installation;
    const around: Around = {
      config,
      installation,
      origin,
      approvers: (environment) => approversOf(github, origin, environment),
      journalOf: (other) => openJournal(ledger, other, origin, () => new Date()),
      findOrphans: orphanFinder(installation, config, journal.view().entries),
    };
    await recordApproval(installation, request, plan.work, journal);
    outcome = await plan.perform(request, cluster, aurora, journal, around);
  } catch (error) {
    const unknown = { ...NOTHING, exists: ["AWS could not be asked what exists; look for the request id in its tags."] };
    const remains = error instanceof Refusal ? NOTHING : await plan.remains(request, cluster, aurora).catch(() => unknown);
    const code = await end(io, plan.work, installation, journal, error, remains, { cluster: request.cluster });
    await refresh(io, installation, journal, aurora, config);
    return code;
  }
  // Outside the try: work that is done stays done, even if telling about it fails.
  await refresh(io, installation, journal, aurora, config);
  return report(io, outcome, journal.view());
}

/** The views can always be rebuilt, so failing to refresh them never turns a finished request into a failed one; it is said. */
async function refresh(io: ActionIo, installation: Installation, journal: Journal, aurora: Aurora, config: Config): Promise<void> {
  try {
    await recordUnheard(io, installation, journal);
  } catch (error) {
    io.info(`Whether runs ended without an entry could not be told: ${sentence(error)}. The next worker looks again.`);
  }
  try {
    const inventory = await takeInventory(aurora, config, new Date(), orphanFinder(installation, config, journal.view().entries));
    await publishStatus(installation.status, journal.view(), inventory);
  } catch (error) {
    io.error(`The views on branch status were not refreshed: ${sentence(error)}. The next worker does it.`);
  }
}

/** Puts a request's bad end into the ledger and tells people; the exit code. */
export async function end(
  io: ActionIo,
  work: Work,
  installation: Installation,
  journal: Journal,
  error: unknown,
  { exists, letGo }: Remains,
  data: EntryData,
): Promise<number> {
  const refused = error instanceof Refusal;
  const stopped = error instanceof Stopped;
  const problem = refused || stopped ? error.message : sentence(error);
  const next = refused || stopped ? error.next : nextAfter(error, letGo);
  const result = refused ? "refused" : "failed";
  const kind: EntryKind = stopped ? "migration.stopped" : `${work}.${result}`;
  try {
    await journal.record(`${result}-${installation.origin.attempt}`, kind, {
      ...data,
      ...(error instanceof FoundWanting ? error.data : {}),
      problem,
      exists: [...exists],
      next,
    });
  } catch (unwritten) {
    // Without GitHub there is no entry, and then the summary is the only place that tells what exists.
    io.error(`The ledger holds no entry of this ending: ${sentence(unwritten)}.`);
  }
  return report(io, { result, title: `The ${work} was ${refused ? "refused" : "not completed"}`, problem, exists, next }, journal.view());
}

function nextAfter(error: unknown, letGo: readonly string[]): string {
  const deletion = letGo.length === 0 ? "" : `when nobody needs what exists, delete it: ${letGo.join(" ; ")}`;
  if (error instanceof DeadEnd) return `Dispatch again with a new request id, and for a restore with a new name; ${deletion}`;
  if (error instanceof FoundWanting && error.next !== null)
    return deletion === "" ? error.next : `${error.next} ${deletion.replace(/^w/, "W")}`;
  const again = "Re-run this run from GitHub: it continues where it stopped and makes nothing twice.";
  return deletion === "" ? again : `${again} If the cause stays, ${deletion}`;
}

/** Inputs that do not parse still leave an entry; what identifies it is the request id where that much is right, the run otherwise. */
export function unreadable(inputs: Readonly<Record<string, string>>, work: string, { origin }: Installation): Request {
  const { request_id: id = "", incident = "" } = inputs;
  const usable = /^[0-9a-f-]{36}$/.test(id);
  return {
    requestId: usable ? id : nameRequest(`${work} ${origin.run} ${id}`),
    reason: "(refused before it was read)",
    ...(isIncident(incident) ? { incident } : {}),
  };
}

// Enough to recognise a request by; the reason and anything longer stay out.
export function showInputs(inputs: Readonly<Record<string, string>>): EntryData {
  return Object.fromEntries(
    Object.entries(inputs).flatMap(([name, value]) => (name !== "reason" && value.length <= 100 ? [[name, value]] : [])),
  );
}

/** An error and its causes in one line. */
export function sentence(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : sentence(error.cause);
  // An adapter that put the cause's words into its own message has said enough.
  return cause === "" || error.message.includes(cause) ? error.message : `${error.message}: ${cause}`;
}

/** The last resort of every entry point: what could not even be ledgered is at least said, with an exit code that is not zero. */
export async function exitWith(io: ActionIo, run: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await run();
  } catch (error) {
    io.error(`${sentence(error)}. Nothing more was done; re-running continues where this stopped.`);
    process.exitCode = 1;
  }
}

/**
 * The last job of a migration, after people agreed: the gate, a snapshot, then one migration after the other, each held against its rehearsal. What
 * stands afterwards is known at every moment: from the database's own history, never from memory.
 */
import type { Migrator } from "../database/migrations/migrator.ts";
import { HalfDone } from "../database/migrations/run-alone.ts";
import { RolledBack } from "../database/migrations/run-migration.ts";
import {
  type Cluster,
  type EntryData,
  type GateVerdict,
  type MigrateRequest,
  type Ran,
  type RecordedPlan,
  type Rehearsal,
  rehearsalIn,
} from "../domain/index.ts";
import { approvalDigest, type Plan } from "../migrations/make-plan.ts";
import { sentence } from "./conduct.ts";
import type { Journal } from "./journal.ts";
import { doneBy, isBegun, mustBePlanned, planFrom, settingsOf, standingOf } from "./migration-plan.ts";
import { Refusal, Stopped } from "./outcome.ts";

export interface ApplyWork {
  readonly journal: Journal;
  readonly migrator: Migrator;
  /** What the job before gave to this one: of the plan and of what its rehearsal did. */
  readonly digest: string;
  /** What the job that runs the team's tool handed on. */
  readonly rendered: string;
  /** Asks GitHub and the system's state, for the files of this plan. */
  readonly judge: (plan: RecordedPlan, files: readonly string[]) => Promise<GateVerdict>;
  /** Takes the snapshot before, or finds the one that was taken. */
  readonly snapshot: () => Promise<{ readonly snapshot: string; readonly takenAt: string }>;
}

export interface AppliedPlan {
  readonly ran: readonly { readonly version: string; readonly file: string; readonly durationMs: number }[];
  readonly snapshot: string;
  readonly second: string;
  readonly approvers: readonly string[];
}

interface Ready {
  readonly recorded: RecordedPlan;
  readonly rehearsal: Rehearsal;
  readonly plan: Plan;
  /** Versions that this request is done with already. */
  readonly done: readonly string[];
}

const CORRECT = "The database is as it was before it. Correct it, promote it, and ask again with a new request id.";

export async function applyMigration(request: MigrateRequest, cluster: Cluster, work: ApplyWork): Promise<AppliedPlan> {
  const before = await beforehand(() => prepare(request, cluster, work));
  const { ready, prepared, approvers } = before;
  const applied: AppliedPlan["ran"][number][] = [];
  let schema = ready.plan.schema;
  for (const migration of ready.plan.migrations) {
    const rehearsed = ready.rehearsal.ran.find(({ version }) => version === migration.version);
    if (rehearsed === undefined) throw new Refusal(`${migration.file} was not rehearsed.`, "Ask again with a new request id.");
    let durationMs = 0;
    if (!ready.done.includes(migration.version)) {
      const allowed = { ran: rehearsed, moreRows: settingsOf(cluster).moreRows };
      const ran = await work.migrator
        .run({ ...migration, requestId: request.requestId }, schema, allowed)
        .catch((error: unknown) => endOf(error, migration.file, applied));
      durationMs = ran.durationMs;
      await recordApplied(request, migration.file, ran, work.journal);
    } else if (work.journal.recorded(`applied-${migration.version}`) === undefined) {
      await recordApplied(request, migration.file, null, work.journal, migration.version);
    }
    applied.push({ version: migration.version, file: migration.file, durationMs });
    schema = rehearsed.schema;
  }
  const files = applied.map(({ file }) => file);
  const about = { cluster: request.cluster, digest: work.digest, ...undoOf(request), files, ...prepared };
  await work.journal.record("completed", "migration.completed", { ...about, ...(await seenProtection(work.migrator)) });
  return { ran: applied, approvers, ...prepared };
}

async function prepare(request: MigrateRequest, cluster: Cluster, work: ApplyWork) {
  const ready = await recheck(request, cluster, work);
  const approvers = await approve(request, cluster, ready, work);
  const { snapshot } = await work.snapshot();
  // A second attempt keeps the second of the first, before which nothing had been changed.
  const standing = work.journal.recorded("prepared")?.data.second;
  const second = typeof standing === "string" ? standing : await secondBefore(work.migrator);
  const prepared = { snapshot, second };
  const about = { cluster: request.cluster, digest: work.digest, ...undoOf(request) };
  await work.journal.record("prepared", "migration.prepared", { ...about, ...prepared });
  return { ready, prepared, approvers };
}

/** What every entry of a request that takes migrations back says besides. */
function undoOf({ undo }: MigrateRequest): EntryData {
  return undo === undefined ? {} : { undo };
}

/** Whatever fails before the first statement leaves the database as it is. */
async function beforehand<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Stopped(`Nothing was begun: ${sentence(error)}`, "Re-run this run from GitHub: it continues where it stopped.", {
      cause: error,
    });
  }
}

/** The plan is worked out anew from files and database, and must be the very one that was rehearsed and that GitHub handed on. */
async function recheck(request: MigrateRequest, cluster: Cluster, { journal, migrator, digest, rendered }: ApplyWork): Promise<Ready> {
  const recorded = mustBePlanned(journal, request.requestId);
  const rehearsal = rehearsalIn(journal.view().entries, request.requestId);
  if (rehearsal === null) throw new Refusal("The ledger holds no rehearsal of this plan.", "Ask again with a new request id.");
  const standing = await standingOf(migrator, cluster);
  const begun = isBegun(standing, request.requestId);
  const plan = await planFrom(cluster, standing, begun ? recorded.schema : await migrator.schema(), rendered, request);
  if (plan.digest !== recorded.digest || approvalDigest(plan.digest, rehearsal.ran, request.requestId) !== digest) {
    throw new Refusal(
      "What was planned, rehearsed and approved is not what stands now: files, database, settings or ledger have changed since.",
      "Ask again with a new request id: it is planned, rehearsed and approved anew.",
    );
  }
  return { recorded, rehearsal, plan, done: doneBy(standing, request.requestId) };
}

/** Asked again at every attempt: what GitHub says now decides, not what the ledger holds. */
async function approve(
  request: MigrateRequest,
  cluster: Cluster,
  { recorded, plan, done }: Ready,
  work: ApplyWork,
): Promise<readonly string[]> {
  const files = plan.migrations.map(({ file }) => `${settingsOf(cluster).directory}/${file}`);
  const verdict = await work.judge(recorded, files);
  if (!verdict.open) {
    const begun = done.length === 0 ? "" : ` Applied already: ${done.join(", ")}.`;
    throw new Refusal(`${verdict.problem}${begun}`, verdict.next);
  }
  const { approvers, window } = verdict;
  const names = plan.migrations.map(({ version, name, file }) => ({ version, name, file }));
  const data: EntryData = {
    cluster: request.cluster,
    digest: work.digest,
    approvers: [...approvers],
    authors: recorded.authors,
    window,
    ...undoOf(request),
    migrations: names,
  };
  await work.journal.record("approved", "migration.approved", data);
  return approvers;
}

/** Everything is applied by now: a connection that breaks here must not make it look otherwise, and the next plan sees the same. */
async function seenProtection(migrator: Migrator): Promise<EntryData> {
  return migrator.protection().then(
    (protection): EntryData => ({ protection: JSON.parse(JSON.stringify(protection)) }),
    () => ({}),
  );
}

async function secondBefore(migrator: Migrator): Promise<string> {
  const now = await migrator.now();
  return new Date(Math.floor(now.getTime() / 1_000) * 1_000).toISOString();
}

/** `ran` is null where an earlier attempt applied it and was killed before it could say so: then only that is known. */
async function recordApplied(
  request: MigrateRequest,
  file: string,
  ran: Ran | null,
  journal: Journal,
  version = ran?.version ?? "",
): Promise<void> {
  const about = { cluster: request.cluster, version, file, ...undoOf(request) };
  const data: EntryData = ran === null ? { ...about, known: "from the database's history" } : JSON.parse(JSON.stringify({ ...about, ran }));
  await journal.record(`applied-${version}`, "migration.applied", data);
}

function endOf(error: unknown, file: string, applied: AppliedPlan["ran"]): never {
  const before = applied.length === 0 ? "" : ` Applied whole before it: ${applied.map((each) => each.file).join(", ")}.`;
  if (error instanceof RolledBack) throw new Stopped(`${file} was taken back: ${error.message}.${before}`, CORRECT, { cause: error });
  const what = error instanceof HalfDone ? "is half done" : "ended, and what it left is unknown";
  throw new Error(`${file} ${what}: ${sentence(error)}.${before}`, { cause: error });
}

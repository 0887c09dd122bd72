/**
 * The second job of a migration: the plan is run for real on a scratch restore of the live data of a moment before, by the code that will apply
 * it, so that whoever is asked sees what it did. The live cluster is only read.
 */
import type { Aurora } from "../aurora/aurora.ts";
import type { Migrator } from "../database/migrations/migrator.ts";
import { HalfDone } from "../database/migrations/run-alone.ts";
import { RolledBack } from "../database/migrations/run-migration.ts";
import {
  type Cluster,
  type EntryData,
  type MigrateRequest,
  type Ran,
  REHEARSAL_STEPS,
  type RecoveryPoint,
  type RestoreRequest,
  rehearsalIn,
} from "../domain/index.ts";
import { approvalDigest } from "../migrations/make-plan.ts";
import { newestPointOf } from "../recovery/drill-point.ts";
import { rehearsalName } from "../recovery/names.ts";
import { isBegun, mustBePlanned, planFrom, standingOf } from "./migration-plan.ts";
import { DeadEnd, Refusal } from "./outcome.ts";
import { type RestoreWork, restoreCluster } from "./restore-cluster.ts";

/** `requestId` is the rehearsal's own, `migration` the one it is for. */
export interface RehearsalRequest extends MigrateRequest {
  readonly migration: string;
}

export interface RehearsalWork extends Omit<RestoreWork, "steps" | "about" | "prove" | "aurora"> {
  readonly aurora: RestoreWork["aurora"] & Pick<Aurora, "snapshots">;
  readonly open: (endpoint: { readonly host: string; readonly port: number }) => Migrator;
  /** What the job before gave to this one. */
  readonly digest: string;
  /** What the job that runs the team's tool handed on. */
  readonly rendered: string;
}

export interface Rehearsed {
  /** What is approved: the plan and what it did. */
  readonly digest: string;
  readonly target: string;
  readonly ran: readonly Ran[];
  readonly durationSeconds: number;
}

export async function rehearseMigration(request: RehearsalRequest, cluster: Cluster, work: RehearsalWork): Promise<Rehearsed> {
  const target = rehearsalName(request);
  const restore: RestoreRequest = { ...request, target, point: await pointOf(request, work) };
  const { durationSeconds } = await restoreCluster(restore, cluster, {
    ...work,
    steps: REHEARSAL_STEPS,
    about: { migration: request.migration },
    prove: () => prove(request, cluster, target, work),
  });
  const rehearsal = rehearsalIn(work.journal.view().entries, request.migration);
  if (rehearsal === null) throw new Error("a rehearsal is recorded before it is complete");
  return { digest: rehearsal.digest, ran: rehearsal.ran, target, durationSeconds };
}

/** The newest second, because the live data are what the migration meets; the newest snapshot where there is none. */
async function pointOf(request: RehearsalRequest, { aurora, journal }: RehearsalWork): Promise<RecoveryPoint> {
  const chosen = journal.recorded("requested")?.data.point;
  if (typeof chosen === "object" && chosen !== null && !Array.isArray(chosen)) {
    if (typeof chosen.snapshot === "string") return { kind: "snapshot", snapshot: chosen.snapshot };
    if (typeof chosen.time === "string") return { kind: "time", time: new Date(chosen.time) };
  }
  const live = await aurora.cluster(request.cluster);
  if (live === null) throw new Refusal(`AWS does not know the cluster ${request.cluster}.`, "Check its id and region in holdfast.yml.");
  const snapshots = await aurora.snapshots(request.cluster);
  const found = newestPointOf("continuous", live, snapshots);
  if ("point" in found) return found.point;
  const other = newestPointOf("snapshot", live, snapshots);
  if ("point" in other) return other.point;
  throw new Refusal(other.problem, "Take a snapshot; without a recovery point nothing can be rehearsed, and nothing could be taken back.");
}

async function prove(request: RehearsalRequest, cluster: Cluster, target: string, work: RehearsalWork): Promise<EntryData> {
  if (rehearsalIn(work.journal.view().entries, request.migration) !== null) return {};
  const scratch = await work.aurora.cluster(target);
  if (!scratch?.endpoint) throw new Error(`AWS gives no endpoint for ${target}`);
  const migrator = work.open(scratch.endpoint);
  const standing = await standingOf(migrator, cluster);
  const own = { ...request, requestId: request.migration };
  if (isBegun(standing, own.requestId))
    throw new DeadEnd(
      "An earlier attempt was interrupted after it had changed the scratch cluster, so nothing can be measured there any more",
    );
  const recorded = mustBePlanned(work.journal, request.migration);
  const plan = await planFrom(cluster, standing, await migrator.schema(), work.rendered, own);
  if (plan.digest !== recorded.digest || plan.digest !== work.digest)
    throw new DeadEnd(
      "The restored database or the files are not those that were planned for: something changed between plan and rehearsal",
    );
  const ran: Ran[] = [];
  let schema = plan.schema;
  for (const migration of plan.migrations) {
    const one = await migrator.run({ ...migration, requestId: request.migration }, schema, null).catch((error: unknown) => {
      if (error instanceof RolledBack || error instanceof HalfDone)
        throw new DeadEnd(`In the rehearsal ${lower(error.message)}`, { cause: error });
      throw error;
    });
    ran.push(one);
    schema = one.schema;
  }
  return JSON.parse(JSON.stringify({ digest: approvalDigest(plan.digest, ran, request.migration), ran }));
}

function lower(text: string): string {
  return `${text.slice(0, 1).toLowerCase()}${text.slice(1)}`;
}

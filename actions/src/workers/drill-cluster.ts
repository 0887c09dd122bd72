/**
 * One drill: the newest recovery point of a tier restored to a scratch cluster and proven there, for one request, however often it is asked to.
 * It never writes to the live cluster, and leaves the scratch cluster to a job that may delete and may not make anything.
 */
import type { Aurora } from "../aurora/aurora.ts";
import type { Session } from "../database/check-integrity.ts";
import type { IndexCheck } from "../database/inspect-database.ts";
import { type Cluster, DRILL_STEPS, type DrillRequest, type RecoveryPoint, type RestoreRequest } from "../domain/index.ts";
import { compareSchemas, type SchemaDifference } from "../recovery/compare-schemas.ts";
import { newestPointOf } from "../recovery/drill-point.ts";
import { scratchName } from "../recovery/names.ts";
import type { Door } from "./database-door.ts";
import { Refusal } from "./outcome.ts";
import { ChecksFailed, type Restored, type RestoreWork, restoreCluster } from "./restore-cluster.ts";

export interface DrillWork extends Omit<RestoreWork, "steps" | "about" | "prove" | "aurora"> {
  readonly aurora: RestoreWork["aurora"] & Pick<Aurora, "snapshots">;
  readonly connect: Door;
}

export interface Drilled extends Restored {
  readonly target: string;
  readonly point: RecoveryPoint;
  readonly rows: Readonly<Record<string, number | null>>;
  /** Null where amcheck is not there. */
  readonly indexes: IndexCheck | null;
  readonly schema: SchemaDifference;
}

type Proof = Pick<Drilled, "rows" | "indexes" | "schema">;

/** Throws Refusal when there is no point to restore, ChecksFailed when what was restored is not sound. */
export async function drillCluster(request: DrillRequest, cluster: Cluster, work: DrillWork): Promise<Drilled> {
  const target = scratchName(request);
  const point = await pointOf(request, work);
  const restore: RestoreRequest = { cluster: request.cluster, target, point, reason: request.reason, requestId: request.requestId };
  const found: { proof?: Proof } = {};
  const restored = await restoreCluster(restore, cluster, {
    ...work,
    steps: DRILL_STEPS,
    about: { tier: request.tier },
    async prove(session) {
      const proof = await prove(session, cluster, await liveSchema(request.cluster, work));
      found.proof = proof;
      const { rows, indexes, schema } = proof;
      return {
        rows: { ...rows },
        indexes: indexes === null ? null : { checked: indexes.checked },
        schema: { missing: [...schema.missing], extra: [...schema.extra] },
      };
    },
  });
  if (found.proof === undefined) throw new Error("a restore is proven before it is complete");
  return { ...restored, ...found.proof, target, point };
}

/** A later attempt goes on with the point that the first one chose, though there may be a newer one by now. */
async function pointOf(request: DrillRequest, { aurora, journal }: DrillWork): Promise<RecoveryPoint> {
  const chosen = journal.recorded("requested")?.data.point;
  if (typeof chosen === "object" && chosen !== null && !Array.isArray(chosen)) {
    if (typeof chosen.snapshot === "string") return { kind: "snapshot", snapshot: chosen.snapshot };
    if (typeof chosen.time === "string") return { kind: "time", time: new Date(chosen.time) };
  }
  const live = await aurora.cluster(request.cluster);
  if (live === null) throw new Refusal(`AWS does not know the cluster ${request.cluster}.`, "Check its id and region in holdfast.yml.");
  const found = newestPointOf(request.tier, live, await aurora.snapshots(request.cluster));
  if ("problem" in found)
    throw new Refusal(found.problem, "Take a snapshot; without a recovery point nothing can be proven, and nothing can be restored.");
  return found.point;
}

async function liveSchema(cluster: string, { aurora, connect }: DrillWork): Promise<readonly string[] | null> {
  const live = await aurora.cluster(cluster);
  if (!live?.endpoint) return null;
  const session = await connect(live.endpoint);
  try {
    return await session.describeSchema();
  } finally {
    await session.close();
  }
}

async function prove(session: Session, { protect }: Cluster, live: readonly string[] | null): Promise<Proof> {
  const rows = await session.countRows(protect);
  const absent = Object.entries(rows).flatMap(([table, count]) => (count === null ? [table] : []));
  if (absent.length > 0) throw new ChecksFailed(`What was restored lacks the protected tables ${absent.join(", ")}.`);
  const indexes = await session.checkIndexes();
  if (indexes !== null && indexes.broken.length > 0)
    throw new ChecksFailed(`Indexes do not fit their tables: ${indexes.broken.join(", ")}.`);
  const restored = await session.describeSchema();
  return { rows, indexes, schema: live === null ? { missing: [], extra: [] } : compareSchemas(live, restored) };
}

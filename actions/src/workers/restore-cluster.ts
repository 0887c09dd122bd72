/**
 * Restores one recovery point into a new cluster, for one request, however often it is asked to. It only ever creates: the live cluster is
 * read, never written. A restore is done when it was proven: reachable, checked, and its duration recorded.
 */
import { type Aurora, type ClusterFacts, isRefusal, TAKEN } from "../aurora/aurora.ts";
import type { CheckResult, Session } from "../database/check-integrity.ts";
import { type Cluster, durationMs, type EntryData, type EntryKind, type RestoreRequest, type RestoreStep, TAGS } from "../domain/index.ts";
import { judgeRestore } from "../recovery/judge-restore.ts";
import { instanceName, restoreTags } from "../recovery/names.ts";
import type { Journal } from "./journal.ts";
import { DeadEnd, FoundWanting, Refusal } from "./outcome.ts";
import { type Clock, waitUntil } from "./wait-until.ts";

export interface RestoreWork extends Clock {
  readonly aurora: Pick<Aurora, "cluster" | "snapshot" | "instance" | "restoreCluster" | "createInstance">;
  readonly journal: Journal;
  /** As what the steps are recorded: a drill is a restore to scratch. */
  readonly steps: readonly { readonly name: RestoreStep; readonly kind: EntryKind }[];
  /** What every entry of it says besides. */
  readonly about?: EntryData;
  /** What else is proven once the checks hold; recorded with them. Throws ChecksFailed. */
  readonly prove?: (session: Session) => Promise<EntryData>;
  readonly connect: (endpoint: { readonly host: string; readonly port: number }) => Promise<Session>;
}

export interface Restored {
  readonly endpoint: string;
  readonly checks: readonly CheckResult[];
  readonly durationSeconds: number;
}

/** A configured check did not hold: the cluster exists, but nobody may call the restore done. */
export class ChecksFailed extends FoundWanting {
  override readonly name = "ChecksFailed";
}

// The latest restorable time usually follows within five minutes; three times that is not usual any more.
const RANGE_LIMIT_MS = 15 * 60_000;
// An instance that is available accepts connections; name resolution may take a little longer.
const CONNECT_LIMIT_MS = 5 * 60_000;
const CLUSTER_PASSING = ["creating", "migrating", "modifying", "backing-up", "preparing-data-migration", "upgrading", "maintenance"];
const INSTANCE_PASSING = [
  "creating",
  "modifying",
  "backing-up",
  "configuring-enhanced-monitoring",
  "configuring-log-exports",
  "rebooting",
  "starting",
];

/** Throws Refusal when nothing may be made; any other error leaves what `journal` and AWS show. */
export async function restoreCluster(request: RestoreRequest, cluster: Cluster, work: RestoreWork): Promise<Restored> {
  const { aurora, journal, now } = work;
  const deadline = now().getTime() + durationMs(cluster.limits.restore);
  const left = () => Math.max(0, deadline - now().getTime());
  const data: EntryData = {
    cluster: request.cluster,
    target: request.target,
    point: request.point.kind === "time" ? { time: request.point.time.toISOString() } : { snapshot: request.point.snapshot },
    ...work.about,
  };
  const done = (step: RestoreStep, more: EntryData = {}) => journal.record(step, kindOf(step, work.steps), { ...data, ...more });

  const { source, instanceClass } = await admit(request, aurora);
  const requested = await done("requested");
  await createCluster(request, source, work);
  await done("cluster-creating");

  const empty = await waitUntil(`The cluster ${request.target} becoming available`, left(), work, async () =>
    clusterReady(await aurora.cluster(request.target), request),
  );
  await done("cluster-available");

  const instance = await createInstance(empty, instanceClass, request, work);
  await done("instance-creating", { instance });

  await waitUntil(`The instance ${instance} becoming available`, left(), work, async () =>
    instanceReady(await aurora.instance(instance), instance),
  );
  await done("instance-available", { instance });

  const reachable = await aurora.cluster(request.target);
  if (!reachable?.endpoint) throw new Error(`AWS gives no endpoint for ${request.target}`);
  const endpoint = `${reachable.endpoint.host}:${reachable.endpoint.port}`;
  const session = await connectOnce(reachable.endpoint, work);
  try {
    await done("connected", { endpoint });
    const checks = await session.check(cluster.checks);
    const failed = checks.filter((check) => !check.ok);
    if (failed.length > 0)
      throw new ChecksFailed(failed.map((check) => `The check "${check.name}" ${check.problem ?? "did not hold"}.`).join(" "));
    const proven = (await work.prove?.(session)) ?? {};
    await done("checked", { checks: checks.map(({ name, ok }) => ({ name, ok })), ...proven });

    // A second attempt may run on a machine whose clock is behind that of the first.
    const durationSeconds = Math.max(0, (now().getTime() - Date.parse(requested.at)) / 1000);
    const completed = await done("completed", { endpoint, durationSeconds });
    const recorded = completed.data.durationSeconds;
    return { endpoint, checks, durationSeconds: typeof recorded === "number" ? recorded : durationSeconds };
  } finally {
    await session.close();
  }
}

function kindOf(step: RestoreStep, steps: RestoreWork["steps"]): EntryKind {
  const found = steps.find((each) => each.name === step);
  if (found === undefined) throw new RangeError(`no restore step is named ${step}`);
  return found.kind;
}

/** Everything that could forbid the request is asked before it is accepted. Returns the live cluster and the class that its writer has. */
async function admit(
  request: RestoreRequest,
  aurora: RestoreWork["aurora"],
): Promise<{ readonly source: ClusterFacts; readonly instanceClass: string }> {
  const source = await aurora.cluster(request.cluster);
  if (source === null) throw new Refusal(`AWS does not know the cluster ${request.cluster}.`, "Check its id and region in holdfast.yml.");
  const existing = await aurora.cluster(request.target);
  if (existing !== null) mustBeOurs(existing, request);
  else await judge(request, source, aurora);
  const [writer] = source.instances;
  const model = writer === undefined ? null : await aurora.instance(writer);
  if (model !== null) return { source, instanceClass: model.instanceClass };
  throw new Refusal(
    `The cluster ${request.cluster} has no instance, so nothing says which class the new one should have.`,
    `Add an instance to ${request.cluster}, of the class that the restored cluster should have, and ask again; the data are safe without one.`,
  );
}

/** True when the restore may begin, null when waiting helps; throws Refusal when it must not. */
async function judge(request: RestoreRequest, source: ClusterFacts | null, aurora: RestoreWork["aurora"]): Promise<true | null> {
  const snapshot = request.point.kind === "snapshot" ? await aurora.snapshot(request.point.snapshot) : null;
  const judgement = judgeRestore(request, source, snapshot);
  if (judgement.decision === "refuse")
    throw new Refusal(judgement.problem, "Choose another recovery point; the page lists the ones there are.");
  return judgement.decision === "go" ? true : null;
}

async function createCluster(request: RestoreRequest, source: ClusterFacts, work: RestoreWork): Promise<void> {
  const { aurora } = work;
  if ((await aurora.cluster(request.target)) !== null) return;
  await waitUntil("The recovery point becoming restorable", RANGE_LIMIT_MS, work, async () =>
    judge(request, await aurora.cluster(request.cluster), aurora),
  );
  try {
    await aurora.restoreCluster(request.target, source, request.point, restoreTags(request));
  } catch (error) {
    // Another run of the same request was a moment faster: that one cluster serves both.
    if (!isRefusal(error, TAKEN)) throw error;
    const other = await aurora.cluster(request.target);
    if (other === null) throw error;
    mustBeOurs(other, request);
  }
}

function mustBeOurs(existing: ClusterFacts, request: RestoreRequest): void {
  if (existing.tags[TAGS.requestId] === request.requestId) return;
  throw new Refusal(
    `The name ${request.target} is in use by a cluster that this request did not make.`,
    "Choose another name for the new cluster.",
  );
}

async function createInstance(
  cluster: ClusterFacts,
  instanceClass: string,
  request: RestoreRequest,
  { aurora }: RestoreWork,
): Promise<string> {
  const id = instanceName(cluster.id);
  if ((await aurora.instance(id)) !== null) return id;
  try {
    await aurora.createInstance(id, cluster, instanceClass, restoreTags(request));
  } catch (error) {
    if (!isRefusal(error, TAKEN)) throw error;
  }
  return id;
}

function clusterReady(cluster: ClusterFacts | null, { target }: RestoreRequest): ClusterFacts | null {
  if (cluster === null) throw new DeadEnd(`The cluster ${target} was accepted by AWS and is gone`);
  if (cluster.status === "available") return cluster;
  if (CLUSTER_PASSING.includes(cluster.status)) return null;
  throw new DeadEnd(`The cluster ${target} ended as ${cluster.status}`);
}

function instanceReady(instance: { readonly status: string } | null, id: string): true | null {
  if (instance === null) throw new DeadEnd(`The instance ${id} was accepted by AWS and is gone`);
  if (instance.status === "available") return true;
  if (INSTANCE_PASSING.includes(instance.status)) return null;
  throw new DeadEnd(`The instance ${id} ended as ${instance.status}`);
}

async function connectOnce(endpoint: { readonly host: string; readonly port: number }, work: RestoreWork): Promise<Session> {
  let last: unknown;
  try {
    return await waitUntil(`A connection to ${endpoint.host}:${endpoint.port}`, CONNECT_LIMIT_MS, work, async () => {
      try {
        return await work.connect(endpoint);
      } catch (error) {
        // SQLSTATE class 28 is a wrong user or password: waiting will not mend it.
        if (error instanceof Error && "code" in error && String(error.code).startsWith("28")) throw error;
        last = error;
        return null;
      }
    });
  } catch (error) {
    throw new Error(`No connection to ${endpoint.host}:${endpoint.port} could be made`, { cause: last ?? error });
  }
}

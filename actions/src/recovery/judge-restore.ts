/** Whether a restore may begin: decided from facts, with the reason; asking AWS is the worker's. */
import type { RestoreRequest } from "../domain/index.ts";

interface SourceFacts {
  readonly earliestRestorableTime: Date | null;
  readonly latestRestorableTime: Date | null;
}

interface PointFacts {
  readonly cluster: string;
  readonly status: string;
}

export type Judgement =
  | { readonly decision: "go" }
  | { readonly decision: "wait"; readonly problem: string }
  | { readonly decision: "refuse"; readonly problem: string };

const GO: Judgement = { decision: "go" };

/** `snapshot` is what AWS says of the snapshot that the request names; null when there is none by that name. */
export function judgeRestore(request: RestoreRequest, source: SourceFacts | null, snapshot: PointFacts | null): Judgement {
  if (source === null) return refuse(`AWS does not know the cluster ${request.cluster}.`);
  return request.point.kind === "time"
    ? judgeTime(request.point.time, source)
    : judgeSnapshot(request.point.snapshot, request.cluster, snapshot);
}

function judgeTime(time: Date, { earliestRestorableTime, latestRestorableTime }: SourceFacts): Judgement {
  if (earliestRestorableTime === null || latestRestorableTime === null) {
    return {
      decision: "wait",
      problem: "The cluster has no restorable range at the moment: it is being created, restored or backed up for the first time.",
    };
  }
  if (time < earliestRestorableTime) {
    return refuse(
      `${time.toISOString()} is before the earliest restorable time, ${earliestRestorableTime.toISOString()}. Restore from a snapshot to go further back.`,
    );
  }
  if (time > latestRestorableTime) {
    return {
      decision: "wait",
      problem: `${time.toISOString()} is after the latest restorable time, ${latestRestorableTime.toISOString()}, which usually follows within minutes.`,
    };
  }
  return GO;
}

function judgeSnapshot(id: string, cluster: string, snapshot: PointFacts | null): Judgement {
  if (snapshot === null) return refuse(`There is no snapshot ${id}.`);
  if (snapshot.cluster !== cluster) return refuse(`The snapshot ${id} is of the cluster ${snapshot.cluster}, not of ${cluster}.`);
  if (snapshot.status === "creating" || snapshot.status === "copying")
    return { decision: "wait", problem: `The snapshot ${id} is still ${snapshot.status}.` };
  return snapshot.status === "available" ? GO : refuse(`The snapshot ${id} is ${snapshot.status}, not available.`);
}

function refuse(problem: string): Judgement {
  return { decision: "refuse", problem };
}

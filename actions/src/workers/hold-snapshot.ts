/**
 * Holds, releases or lets go of one snapshot, for one request. The tag at AWS is what protects, because AWS refuses a held snapshot to the role
 * that deletes; the ledger says who and why, and retention believes whichever of the two keeps more.
 */
import type { Aurora, SnapshotFacts } from "../aurora/aurora.ts";
import type { Holder } from "../aurora/holder.ts";
import { type HoldAction, type HoldRequest, TAGS } from "../domain/index.ts";
import type { Journal } from "./journal.ts";
import { Refusal } from "./outcome.ts";

export interface HoldWork {
  readonly aurora: Pick<Aurora, "snapshot">;
  readonly holder: Holder;
  readonly journal: Journal;
}

/** Throws Refusal when there is nothing to hold. */
export async function holdSnapshot(request: HoldRequest, { aurora, holder, journal }: HoldWork): Promise<void> {
  if (journal.recorded("completed") !== undefined) return;
  const snapshot = admit(await aurora.snapshot(request.snapshot), request);
  const data = { cluster: request.cluster, snapshot: snapshot.id, action: request.action };
  await journal.record("requested", "hold.requested", data);
  switch (request.action) {
    case "hold":
      await holder.mark(snapshot.arn, "held", request.requestId);
      await holder.unmark(snapshot.arn, ["letGo"]);
      break;
    case "release":
      await holder.unmark(snapshot.arn, ["held"]);
      break;
    case "let-go":
      await holder.mark(snapshot.arn, "letGo", request.requestId);
      await holder.unmark(snapshot.arn, ["held"]);
  }
  const after = await aurora.snapshot(request.snapshot);
  if (after === null) throw new Error(`The snapshot ${request.snapshot} is gone`);
  const held = after.tags[TAGS.held] !== undefined;
  if (held !== (request.action === "hold")) throw new Error(`AWS shows the snapshot ${after.id} as ${held ? "held" : "not held"} still`);
  await journal.record("completed", "hold.completed", data);
}

const NEXT = "Look at the snapshots on the page under Recovery.";

function admit(snapshot: SnapshotFacts | null, { cluster, snapshot: id, action }: HoldRequest): SnapshotFacts {
  if (snapshot === null) throw new Refusal(`AWS knows no snapshot ${id}.`, NEXT);
  if (snapshot.cluster !== cluster) throw new Refusal(`The snapshot ${id} is of the cluster ${snapshot.cluster}, not of ${cluster}.`, NEXT);
  if (snapshot.automated)
    throw new Refusal(
      `The snapshot ${id} is an automated one: AWS deletes it when its own retention is over, whatever its tags say.`,
      copy(id),
    );
  if (snapshot.tags[TAGS.managed] !== "true")
    throw new Refusal(`Holdfast did not make the snapshot ${id} and never deletes it: there is nothing to ${ofAction[action]}.`, NEXT);
  return snapshot;
}

const ofAction: Readonly<Record<HoldAction, string>> = { hold: "hold", release: "release", "let-go": "let go of" };

function copy(id: string): string {
  return `To keep it longer, copy it: aws rds copy-db-cluster-snapshot --source-db-cluster-snapshot-identifier ${id} --target-db-cluster-snapshot-identifier NAME`;
}

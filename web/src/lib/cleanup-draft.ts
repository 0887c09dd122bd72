/** The removal form's own decisions: what it still lacks, and the very inputs that are reviewed and sent. */
import { type CleanupInputs, cleanupInputsOf, InvalidInput, type Orphan, parseCleanupRequest } from "@holdfast/actions/domain";
import type { CheckedDraft, Problems } from "./checked-draft.ts";

export interface CleanupDraft {
  readonly orphan: Pick<Orphan, "resource" | "id" | "sourceCluster">;
  readonly reason: string;
  readonly typed: string;
  readonly incident: string;
  readonly requestId: string;
}

type CleanupField = "reason" | "typed" | "incident";
type CheckedCleanup = CheckedDraft<{ readonly inputs: CleanupInputs }, CleanupField>;

export function checkCleanup({ orphan, reason, typed, incident, requestId }: CleanupDraft): CheckedCleanup {
  const { resource, id, sourceCluster } = orphan;
  const wrong = typed === "" ? `Type ${id}.` : `This is not ${id}.`;
  const local: Problems<CleanupField> = typed === id ? {} : { typed: wrong };
  try {
    const request = parseCleanupRequest({
      cluster: sourceCluster,
      resource,
      name: id,
      // What was typed is compared above, so that the other fields' problems show at the same time.
      confirm: id,
      reason,
      request_id: requestId,
      incident,
    });
    return typed === id ? { ok: true, inputs: cleanupInputsOf(request, typed) } : { ok: false, problems: local };
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    const found = error.problems.map(({ path, allowed }) => [path, `Allowed: ${allowed}.`] as const);
    return { ok: false, problems: { ...Object.fromEntries(found), ...local } };
  }
}

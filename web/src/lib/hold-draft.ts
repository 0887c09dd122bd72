/** The hold form's own decisions: what it still lacks, and the very inputs that are reviewed and sent. */
import { type HoldInputs, type HoldRequest, holdInputsOf, parseHoldRequest } from "@holdfast/actions/domain";
import { type CheckedInputs, checkInputs } from "./checked-draft.ts";

export function checkHold(draft: Omit<HoldRequest, "incident"> & { readonly incident: string }): CheckedInputs<HoldInputs> {
  return checkInputs(() => holdInputsOf(parseHoldRequest(holdInputsOf(draft))));
}

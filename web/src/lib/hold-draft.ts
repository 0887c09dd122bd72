/** The hold form's own decisions: what it still lacks, and the very inputs that are reviewed and sent. */
import { type HoldInputs, type HoldRequest, holdInputsOf, InvalidInput, parseHoldRequest } from "@holdfast/actions/domain";

export type CheckedHold =
  | { readonly ok: true; readonly inputs: HoldInputs }
  | { readonly ok: false; readonly problems: { readonly reason?: string; readonly incident?: string } };

export function checkHold(draft: Omit<HoldRequest, "incident"> & { readonly incident: string }): CheckedHold {
  try {
    return { ok: true, inputs: holdInputsOf(parseHoldRequest(holdInputsOf(draft))) };
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    return { ok: false, problems: Object.fromEntries(error.problems.map(({ path, allowed }) => [path, `Allowed: ${allowed}.`])) };
  }
}

/** An answer's own decisions, apart from drawing: what the form still lacks, and the very response that is reviewed and sent. */
import {
  InvalidInput,
  parseResponse,
  type RespondInputs,
  type Response,
  type ResponseAction,
  type ResponseLimits,
  respondInputsOf,
} from "@holdfast/actions/domain";
import type { CheckedDraft } from "./checked-draft.ts";

export type AnswerField = keyof RespondInputs | "matcher";
export type CheckedAnswer = CheckedDraft<{ readonly response: Response; readonly inputs: RespondInputs }, AnswerField>;

const EMPTY = { subject: "", rule: "", app: "", key: "", severity: "", until: "" } as const;

export type AnswerDraft = Pick<RespondInputs, "reason" | "request_id"> & Partial<RespondInputs> & { readonly action: ResponseAction };

export function checkAnswer(draft: AnswerDraft, limits: ResponseLimits, now: Date): CheckedAnswer {
  try {
    const response = parseResponse({ ...EMPTY, ...draft }, limits, now);
    return { ok: true, response, inputs: respondInputsOf(response) };
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    const found = error.problems.map(({ path, allowed }) => [path.includes(",") ? "matcher" : path, `Allowed: ${allowed}.`] as const);
    return { ok: false, problems: Object.fromEntries(found) };
  }
}

/** The cut-over form's own decisions, apart from drawing: what it still lacks, and the very inputs that are reviewed and sent. */
import {
  CUT_OVER_BEFORE,
  type CutOverInputs,
  type CutOverRequest,
  cutOverInputsOf,
  InvalidInput,
  parseCutOverRequest,
} from "@holdfast/actions/domain";
import type { CheckedDraft, Problems } from "./checked-draft.ts";

export interface CutOverDraft {
  readonly cluster: string;
  readonly restored: string;
  /** What of CUT_OVER_BEFORE a person said is done. */
  readonly done: ReadonlySet<string>;
  readonly reason: string;
  readonly typed: string;
  readonly incident: string;
  readonly requestId: string;
}

export const CUT_OVER_FIELDS = [
  { name: "before", label: "Before" },
  { name: "reason", label: "Reason" },
  { name: "typed", label: "Typed name" },
  { name: "incident", label: "Incident" },
] as const;
type CutOverField = (typeof CUT_OVER_FIELDS)[number]["name"] | "restored";
export type CutOverProblems = Problems<CutOverField>;

export type CheckedCutOver = CheckedDraft<{ readonly request: CutOverRequest; readonly inputs: CutOverInputs }, CutOverField>;

export function checkCutOver({ cluster, restored, done, reason, typed, incident, requestId }: CutOverDraft): CheckedCutOver {
  const open = CUT_OVER_BEFORE.filter((each) => !done.has(each)).length;
  const local: CutOverProblems = {
    ...(open === 0 ? {} : { before: `${open} of ${CUT_OVER_BEFORE.length} are not ticked.` }),
    ...(typed === cluster ? {} : { typed: typed === "" ? `Type ${cluster}.` : `This is not ${cluster}.` }),
  };
  try {
    // What was typed is compared above, so that the other fields' problems show at the same time.
    const request = parseCutOverRequest({ cluster, restored, confirm: cluster, reason, request_id: requestId, incident });
    if (Object.keys(local).length > 0) return { ok: false, problems: local };
    return { ok: true, request, inputs: cutOverInputsOf(request, typed) };
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    const found = error.problems.map(({ path, allowed }) => [path, `${allowed.charAt(0).toUpperCase()}${allowed.slice(1)}.`] as const);
    return { ok: false, problems: { ...Object.fromEntries(found), ...local } };
  }
}

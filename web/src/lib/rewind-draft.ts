/** The rewind form's own decisions, apart from drawing: what is filled in from the start, and what a draft still lacks. */
import {
  type Entry,
  InvalidInput,
  parseRewindRequest,
  type RewindAnswer,
  type RewindInputs,
  type RewindMode,
  type RewindRequest,
  rewindInputsOf,
} from "@holdfast/actions/domain";
import * as z from "zod/mini";
import type { CheckedDraft, Problems } from "./checked-draft.ts";

export interface RewindDraft {
  readonly cluster: string;
  readonly mode: RewindMode;
  readonly tables: string;
  readonly from: string;
  readonly to: string;
  /** Transactions of the damage, where the database's log or an earlier refusal named them. */
  readonly transactions: string;
  readonly deletions: "damage" | "good" | "ask";
  readonly skew: string;
  readonly answers: Readonly<Record<string, RewindAnswer>>;
  readonly digest: string;
  readonly reason: string;
  /** The cluster's name again, where rows would be changed. */
  readonly typed: string;
  readonly incident: string;
  readonly requestId: string;
}

export const REWIND_FIELDS = [
  { name: "tables", label: "Tables" },
  { name: "from", label: "Damage from" },
  { name: "to", label: "Damage until" },
  { name: "hints", label: "What is known of the damage" },
  { name: "reason", label: "Reason" },
  { name: "typed", label: "Typed name" },
  { name: "incident", label: "Incident" },
] as const;
type RewindField = (typeof REWIND_FIELDS)[number]["name"];
export type RewindProblems = Problems<RewindField>;

export type CheckedRewind = CheckedDraft<{ readonly request: RewindRequest; readonly inputs: RewindInputs }, RewindField>;

export function checkRewind(draft: RewindDraft, now: Date): CheckedRewind {
  return checked(draft, () => parseRewindRequest(inputsOf(draft), now));
}

function checked({ cluster, typed, mode }: Pick<RewindDraft, "cluster" | "typed" | "mode">, read: () => RewindRequest): CheckedRewind {
  const wrong = typed === "" ? `Type ${cluster}.` : `This is not ${cluster}.`;
  const local: RewindProblems = mode === "plan" || typed === cluster ? {} : { typed: wrong };
  try {
    const request = read();
    return Object.keys(local).length === 0 ? { ok: true, request, inputs: rewindInputsOf(request) } : { ok: false, problems: local };
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    return { ok: false, problems: { ...problemsOf(error), ...local } };
  }
}

function inputsOf(draft: RewindDraft): RewindInputs {
  const { cluster, mode, tables, from, to, answers, digest, reason, incident, requestId } = draft;
  const transactions = draft.transactions.split(/[\s,]+/).filter((id) => id !== "");
  const hints = {
    ...(draft.skew.trim() === "" ? {} : { skew: draft.skew.trim() }),
    ...(draft.deletions === "ask" ? {} : { deletions: draft.deletions }),
    ...(transactions.length === 0 ? {} : { transactions }),
  };
  return {
    cluster,
    mode,
    tables,
    from: from.trim(),
    to: to.trim(),
    hints: JSON.stringify(hints),
    answers: JSON.stringify(answers),
    digest,
    reason,
    request_id: requestId,
    incident,
  };
}

/** What was asked of a plan that was looked at, to be asked again and applied. Null where its entry does not say it. */
export function askedOf(entries: readonly Entry[]): AskedOf | null {
  const read = z.safeParse(askedSchema, entries.find((entry) => entry.kind === "rewind.requested")?.data);
  return read.success ? read.data : null;
}

const askedSchema = z.object({ cluster: z.string(), tables: z.array(z.string()), from: z.string(), to: z.string(), hints: z.json() });
export type AskedOf = z.output<typeof askedSchema>;

export interface ApplyDraft extends Pick<RewindDraft, "answers" | "digest" | "reason" | "typed" | "incident" | "requestId"> {
  readonly asked: AskedOf;
}

export function checkApply({ asked, typed, ...draft }: ApplyDraft, now: Date): CheckedRewind {
  const { cluster, from, to } = asked;
  return checked({ cluster, typed, mode: "apply" }, () =>
    parseRewindRequest(
      {
        cluster,
        mode: "apply",
        tables: asked.tables.join(","),
        from,
        to,
        hints: JSON.stringify(asked.hints),
        answers: JSON.stringify(draft.answers),
        digest: draft.digest,
        reason: draft.reason,
        request_id: draft.requestId,
        incident: draft.incident,
      },
      now,
    ),
  );
}

const HINTS = ["hints", "skew", "step", "columns", "transactions", "deletions", "fire"];

function problemsOf(error: InvalidInput): RewindProblems {
  const found = error.problems.map(({ path, allowed }): readonly [RewindField, string] => {
    const words = `${allowed.charAt(0).toUpperCase()}${allowed.slice(1)}.`;
    const [first = ""] = path.split(/[.[]/);
    if (path === "from, to") return ["to", words];
    const own = REWIND_FIELDS.find(({ name }) => name === first);
    if (own !== undefined) return [own.name, words];
    return [HINTS.includes(first) ? "hints" : "tables", words];
  });
  return Object.fromEntries(found);
}

/** The interval that an alert tells: its first line to its last. */
export function intervalOf(alert: { readonly firstEventAt: string; readonly lastEventAt: string }): {
  readonly from: string;
  readonly to: string;
} {
  return { from: new Date(alert.firstEventAt).toISOString(), to: new Date(alert.lastEventAt).toISOString() };
}

import { useState } from "react";
import { type AnswerDraft, type AnswerField, type CheckedAnswer, checkAnswer } from "./answer-draft.ts";
import { laneOf } from "./run-title.ts";
import { useSystem } from "./system.tsx";
import type { Sending } from "./use-dispatch.ts";
import { useNow } from "./use-now.ts";
import { type FormRequest, useRequest } from "./use-request.ts";

interface Answering extends FormRequest<AnswerField> {
  readonly checked: CheckedAnswer;
}

// Without a configuration nothing may be hidden for any time; the worker knows the promoted one.
const NO_TIME = { silence: "0s", override: "0s" } as const;

/** One form's way to answer: a request whose run nobody has to look at, checked by the worker's own schema. */
export function useAnswer(title: string, draft: Omit<AnswerDraft, "request_id">, onSent: () => void): Answering {
  const { config } = useSystem();
  const [requestId] = useState(() => crypto.randomUUID());
  const now = useNow(5_000);
  const checked = checkAnswer({ ...draft, request_id: requestId }, config.value?.suppressions ?? NO_TIME, now);
  const lane = laneOf({ cluster: null, answer: draft.action, target: draft.subject ?? null });
  const request = useRequest({ title, work: "respond", lane, requestId, checked, onStarted: onSent });
  return { ...request, checked, blocked: request.blocked ?? whySent(request.sending) };
}

function whySent(sending: Sending): string | null {
  const over = sending.kind === "over" && (sending.outcome.kind === "sent" || sending.outcome.kind === "found");
  return over ? "Sent; it stands once the ledger has it." : null;
}

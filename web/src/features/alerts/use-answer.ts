import { useState } from "react";
import { announceAlert } from "../../lib/announce.ts";
import { type AnswerDraft, type CheckedAnswer, checkAnswer } from "../../lib/answer-draft.ts";
import { whyNoDispatch } from "../../lib/dispatch-right.ts";
import { laneOf } from "../../lib/run-title.ts";
import { useSystem } from "../../lib/system.tsx";
import { type Sending, useDispatch } from "../../lib/use-dispatch.ts";
import { useNow } from "../../lib/use-now.ts";

interface Answering {
  readonly checked: CheckedAnswer;
  readonly sending: Sending;
  /** Why it cannot be sent now, whatever the form holds. */
  readonly blocked: string | null;
  /** Sends exactly what was checked; with an id, despite that other work. */
  readonly start: (despite: string | null) => void;
}

// Without a configuration nothing may be hidden for any time; the worker knows the promoted one.
const NO_TIME = { silence: "0s", override: "0s" } as const;

/** One form's way to answer: one request id, checked by the worker's own schema, sent once. */
export function useAnswer(title: string, draft: Omit<AnswerDraft, "request_id">, onSent: () => void): Answering {
  const { config, session } = useSystem();
  const [requestId] = useState(() => crypto.randomUUID());
  const now = useNow(5_000);
  const checked = checkAnswer({ ...draft, request_id: requestId }, config.value?.suppressions ?? NO_TIME, now);
  const { sending, send } = useDispatch(title, onSent);
  const start = (despite: string | null) => {
    if (!checked.ok) return announceAlert(`Not sent. ${Object.values(checked.problems).join(" ")}`);
    const lane = laneOf({ cluster: null, answer: draft.action, target: draft.subject ?? null });
    void send({ work: "respond", lane, requestId, inputs: checked.inputs }, despite);
  };
  return { checked, sending, blocked: whyNoDispatch(session.check) ?? whySent(sending), start };
}

function whySent(sending: Sending): string | null {
  if (sending.kind === "sending") return "Already sent.";
  const over = sending.kind === "over" && (sending.outcome.kind === "sent" || sending.outcome.kind === "found");
  return over ? "Sent; it stands once the ledger has it." : null;
}

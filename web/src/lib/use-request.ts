import { type FormEvent, useState } from "react";
import { useLocation } from "wouter";
import { announceAlert } from "./announce.ts";
import type { CheckedDraft } from "./checked-draft.ts";
import type { Order } from "./dispatch.ts";
import { whyNoDispatch } from "./dispatch-right.ts";
import { useSystem } from "./system.tsx";
import { type Sending, useDispatch } from "./use-dispatch.ts";

interface Asked<Field extends string> extends Omit<Order, "inputs"> {
  readonly title: string;
  readonly checked: CheckedDraft<Pick<Order, "inputs">, Field>;
  /** Called once the work is known to be on its way; its run is shown unless said otherwise. */
  readonly onStarted?: (requestId: string) => void;
}

export interface RequestSending {
  readonly sending: Sending;
  /** Why it cannot be sent now, whatever the form holds. */
  readonly blocked: string | null;
  /** Sends exactly what was checked; with an id, despite that other work. */
  readonly start: (despite: string | null) => void;
  readonly submit: (event: FormEvent) => void;
}

export interface FormRequest<Field extends string> extends RequestSending {
  /** Somebody tried to send it: from then on all that it lacks is shown. */
  readonly tried: boolean;
  /** What a field lacks. */
  readonly problem: (field: Field) => string | null;
}

/** One form's way to ask for work: what lacks anything is not sent, and says so; what is complete is sent once. */
export function useRequest<Field extends string>({ title, checked, onStarted, ...order }: Asked<Field>): FormRequest<Field> {
  const { session } = useSystem();
  const [, navigate] = useLocation();
  const [tried, setTried] = useState(false);
  const { sending, send } = useDispatch(title, onStarted ?? ((requestId) => navigate(`/runs/${requestId}`)));
  const start = (despite: string | null) => {
    setTried(true);
    if (checked.ok) void send({ ...order, inputs: checked.inputs }, despite);
    else announceAlert(`Not sent. ${Object.values(checked.problems).join(" ")}`);
  };
  return {
    tried,
    problem: (field) => (checked.ok ? null : (checked.problems[field] ?? null)),
    sending,
    blocked: whyNoDispatch(session.check) ?? (sending.kind === "sending" ? "Already sent." : null),
    start,
    submit: (event) => {
      event.preventDefault();
      start(null);
    },
  };
}

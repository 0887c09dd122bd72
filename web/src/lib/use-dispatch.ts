import { useRef, useState } from "react";
import { announce, announceAlert } from "./announce.ts";
import { type DispatchOutcome, dispatchOnce, type Order } from "./dispatch.ts";
import { browserPorts } from "./dispatch-ports.ts";
import { useSystem } from "./system.tsx";

export type Sending =
  | { readonly kind: "idle" }
  | { readonly kind: "sending"; readonly since: Date }
  | { readonly kind: "over"; readonly outcome: DispatchOutcome };

/** One form's way to start work. `onStarted` is called once the work is known to be on its way. */
export function useDispatch(title: string, onStarted: (requestId: string) => void) {
  const { deployment, session, noteSent, work } = useSystem();
  const [sending, setSending] = useState<Sending>({ kind: "idle" });
  // Between a click and the next drawing there may be a second click.
  const busy = useRef(false);

  const send = async (order: Order, despite: string | null = null) => {
    if (busy.current) return;
    busy.current = true;
    const since = new Date();
    setSending({ kind: "sending", since });
    const isComplete = (requestId: string) => work.some((each) => each.requestId === requestId && each.state === "completed");
    const outcome = await dispatchOnce(browserPorts(deployment, session.github, isComplete), order, despite);
    busy.current = false;
    setSending({ kind: "over", outcome });
    if (outcome.kind === "sent" || outcome.kind === "found") {
      announce(outcome.kind === "sent" ? `Sent: ${title}.` : `The answer was lost, but the run was found: ${title}.`);
      noteSent({
        work: order.work,
        lane: order.lane,
        requestId: order.requestId,
        title,
        at: since,
        url: outcome.kind === "sent" ? outcome.url : outcome.run.url,
      });
      onStarted(order.requestId);
    } else {
      announceAlert(outcome.kind === "busy" ? "Other work is already on its way." : outcome.failure.meaning);
    }
  };
  return { sending, send };
}

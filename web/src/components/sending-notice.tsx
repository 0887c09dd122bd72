import { Link } from "wouter";
import type { Sending } from "../lib/use-dispatch.ts";
import { Button } from "./button.tsx";
import { Ago } from "./instant.tsx";
import { Failure, Notice } from "./notice.tsx";
import styles from "./sending-notice.module.css";

interface SendingNoticeProps {
  readonly sending: Sending;
  /** Sends the same order again; with an id, despite that other work. */
  readonly onAgain: (despite: string | null) => void;
}

/** What became of the order. Nothing is called started before GitHub shows it. */
export function SendingNotice({ sending, onAgain }: SendingNoticeProps) {
  if (sending.kind === "idle") return null;
  if (sending.kind === "sending") {
    return (
      <Notice kind="info" title="Sent, waiting for GitHub">
        <p>
          Sent <Ago at={sending.since} />. It is first made sure that nothing of this kind runs already.
        </p>
      </Notice>
    );
  }
  const { outcome } = sending;
  if (outcome.kind === "sent" || outcome.kind === "found") return null;
  if (outcome.kind === "refused") return <Failure what="Nothing was started" error={outcome.failure} onRetry={() => onAgain(null)} />;
  if (outcome.kind === "busy") {
    return (
      <Notice kind="warning" title="Nothing was sent: the same kind of work is already on its way">
        <p>
          {outcome.run === null ? "It was sent from this browser" : `${outcome.run.title}, started by ${outcome.run.actor}`},{" "}
          <Ago at={outcome.since} />.
        </p>
        <div className={styles.actions}>
          <Link href={`/runs/${outcome.requestId}`}>Look at it</Link>
          <Button onClick={() => onAgain(outcome.requestId)}>Start another beside it</Button>
        </div>
      </Notice>
    );
  }
  return (
    <Notice kind="problem" title="No answer came, and no run with this request's id is listed yet">
      <p>{outcome.failure.meaning} The work may or may not have started. Looking again is safe: the same request never runs twice.</p>
      <div className={styles.actions}>
        <Button onClick={() => onAgain(null)}>Look again, and send if it is not there</Button>
      </div>
    </Notice>
  );
}

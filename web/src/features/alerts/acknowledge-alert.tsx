import type { AlertView } from "@holdfast/actions/domain";
import { useState } from "react";
import { Button } from "../../components/button.tsx";
import { Field } from "../../components/field.tsx";
import { Section } from "../../components/section.tsx";
import { SendingNotice } from "../../components/sending-notice.tsx";
import { alertTitle } from "../../lib/alert-words.ts";
import { useAnswer } from "../../lib/use-answer.ts";
import styles from "./alerts.module.css";

const USUAL_REASON = "I am looking into it";

/** Saying that somebody looks: one click. It hides nothing and undoes nothing. */
export function AcknowledgeAlert({ view }: { readonly view: AlertView }) {
  const [reason, setReason] = useState(USUAL_REASON);
  const { problem, sending, blocked, start, submit } = useAnswer(
    `Acknowledge ${alertTitle(view)}`,
    { action: "acknowledge", subject: view.alert.id, reason },
    () => {},
  );
  return (
    <Section title="Nobody has looked at it yet" boxed>
      <form className={styles.form} onSubmit={submit} noValidate>
        <p>
          Acknowledging tells the others that you do.{" "}
          {view.alert.severity === "HIGH" ? "Migrations are refused until somebody does. " : null}
          The alert stays until it is resolved.
        </p>
        <Field
          label="What you do about it"
          required
          autoComplete="off"
          value={reason}
          onChange={(event) => setReason(event.target.value)}
          problem={problem("reason")}
        />
        <SendingNotice sending={sending} onAgain={start} />
        <div>
          <Button type="submit" tone="primary" blocked={blocked}>
            Acknowledge
          </Button>
        </div>
      </form>
    </Section>
  );
}

import { Dialog } from "@base-ui/react/dialog";
import { describeMatcher, type Suppression } from "@holdfast/actions/domain";
import { type FormEvent, useState } from "react";
import { Button } from "../../components/button.tsx";
import { Field } from "../../components/field.tsx";
import { Modal } from "../../components/modal.tsx";
import { SendingNotice } from "../../components/sending-notice.tsx";
import { whyNoDispatch } from "../../lib/dispatch-right.ts";
import { useSystem } from "../../lib/system.tsx";
import { visibleText } from "../../lib/visible-text.ts";
import styles from "./alerts.module.css";
import { useAnswer } from "./use-answer.ts";

const USUAL_REASON = "What it was for is over";

/** Ending what hides is always right: everything is filled in. */
export function EndSuppression({ suppression }: { readonly suppression: Suppression }) {
  const { session } = useSystem();
  const [open, setOpen] = useState(false);
  const name = `End ${suppression.kind}…`;
  const blocked = whyNoDispatch(session.check);
  if (blocked !== null) return <Button blocked={blocked}>{name}</Button>;
  return (
    <Modal
      title={`End the ${suppression.kind} of ${visibleText(describeMatcher(suppression.matcher))}`}
      open={open}
      onOpenChange={setOpen}
      trigger={<Dialog.Trigger render={<Button>{name}</Button>} />}
    >
      <EndForm suppression={suppression} onSent={() => setOpen(false)} />
    </Modal>
  );
}

function EndForm({ suppression, onSent }: { readonly suppression: Suppression; readonly onSent: () => void }) {
  const { kind, id, matcher } = suppression;
  const [reason, setReason] = useState(USUAL_REASON);
  const { checked, sending, blocked, start } = useAnswer(
    `End the ${kind} of ${describeMatcher(matcher)}`,
    { action: kind === "silence" ? "end-silence" : "end-override", subject: id, reason },
    onSent,
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    start(null);
  };
  return (
    <form className={styles.form} onSubmit={submit} noValidate>
      <p>From then on these alerts are told again, those that still go on included. Its bill is written into the ledger.</p>
      <Field
        label="Reason"
        required
        autoComplete="off"
        value={reason}
        onChange={(event) => setReason(event.target.value)}
        problem={checked.ok ? null : (checked.problems.reason ?? null)}
      />
      <SendingNotice sending={sending} onAgain={start} />
      <div className={styles.actions}>
        <Dialog.Close render={<Button>Leave it in force</Button>} />
        <Button type="submit" tone="primary" blocked={blocked}>
          End the {kind}
        </Button>
      </div>
    </form>
  );
}

/** Resolving says that it is dealt with, and how: the note is what the next person with the same alert reads. */
import { Dialog } from "@base-ui/react/dialog";
import type { AlertView } from "@holdfast/actions/domain";
import { type FormEvent, useState } from "react";
import { Button } from "../../components/button.tsx";
import { Field } from "../../components/field.tsx";
import { Modal } from "../../components/modal.tsx";
import { SendingNotice } from "../../components/sending-notice.tsx";
import { alertTitle } from "../../lib/alert-words.ts";
import { whyNoDispatch } from "../../lib/dispatch-right.ts";
import { useSystem } from "../../lib/system.tsx";
import styles from "./alerts.module.css";
import { useAnswer } from "./use-answer.ts";

export function ResolveAlert({ view }: { readonly view: AlertView }) {
  const { session } = useSystem();
  const [open, setOpen] = useState(false);
  const blocked = whyNoDispatch(session.check);
  if (blocked !== null) return <Button blocked={blocked}>Resolve…</Button>;
  return (
    <Modal
      title={`Resolve ${alertTitle(view)}`}
      open={open}
      onOpenChange={setOpen}
      trigger={<Dialog.Trigger render={<Button>Resolve…</Button>} />}
    >
      <ResolveForm view={view} onSent={() => setOpen(false)} />
    </Modal>
  );
}

function ResolveForm({ view, onSent }: { readonly view: AlertView; readonly onSent: () => void }) {
  const [note, setNote] = useState("");
  const [tried, setTried] = useState(false);
  const { checked, sending, blocked, start } = useAnswer(
    `Resolve ${alertTitle(view)}`,
    { action: "resolve", subject: view.alert.id, reason: note },
    onSent,
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    start(null);
  };
  return (
    <form className={styles.form} onSubmit={submit} noValidate>
      <p>
        It is taken off the list of what needs somebody and stays in the record.{" "}
        {view.overSince === null ? "What it counts still goes on. " : null}A resolved alert is not opened again; if it happens anew, a new
        one opens.
      </p>
      <Field
        label="What it was, and what was done"
        required
        autoComplete="off"
        value={note}
        onChange={(event) => setNote(event.target.value)}
        hint="At least 10 characters. It is recorded in the ledger under your name."
        problem={!checked.ok && (tried || note.length >= 10) ? (checked.problems.reason ?? null) : null}
      />
      <SendingNotice sending={sending} onAgain={start} />
      <div className={styles.actions}>
        <Dialog.Close render={<Button>Keep it open</Button>} />
        <Button type="submit" tone="primary" blocked={blocked}>
          Resolve the alert
        </Button>
      </div>
    </form>
  );
}

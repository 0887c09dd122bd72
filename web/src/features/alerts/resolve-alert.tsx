/** Resolving says that it is dealt with, and how: the note is what the next person with the same alert reads. */
import type { AlertView } from "@holdfast/actions/domain";
import { useState } from "react";
import { ReasonField } from "../../components/confirm-fields.tsx";
import { DialogForm } from "../../components/dialog-form.tsx";
import { RequestDialog } from "../../components/request-dialog.tsx";
import { alertTitle } from "../../lib/alert-words.ts";
import { useAnswer } from "../../lib/use-answer.ts";

export function ResolveAlert({ view }: { readonly view: AlertView }) {
  return (
    <RequestDialog name="Resolve…" title={`Resolve ${alertTitle(view)}`}>
      {(close) => <ResolveForm view={view} onSent={close} />}
    </RequestDialog>
  );
}

function ResolveForm({ view, onSent }: { readonly view: AlertView; readonly onSent: () => void }) {
  const [note, setNote] = useState("");
  const title = `Resolve ${alertTitle(view)}`;
  const request = useAnswer(title, { action: "resolve", subject: view.alert.id, reason: note }, onSent);
  const { problem, tried } = request;
  return (
    <DialogForm request={request} action="Resolve the alert" cancel="Keep it open">
      <p>
        It is taken off the list of what needs somebody and stays in the record.{" "}
        {view.overSince === null ? "What it counts still goes on. " : null}A resolved alert is not opened again; if it happens anew, a new
        one opens.
      </p>
      <ReasonField label="What it was, and what was done" value={note} onChange={setNote} problem={problem("reason")} tried={tried} />
    </DialogForm>
  );
}

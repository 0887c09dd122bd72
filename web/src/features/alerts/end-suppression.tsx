import { describeMatcher, type Suppression } from "@holdfast/actions/domain";
import { useState } from "react";
import { DialogForm } from "../../components/dialog-form.tsx";
import { Field } from "../../components/field.tsx";
import { RequestDialog } from "../../components/request-dialog.tsx";
import { useAnswer } from "../../lib/use-answer.ts";
import { visibleText } from "../../lib/visible-text.ts";

const USUAL_REASON = "What it was for is over";

/** Ending what hides is always right: everything is filled in. */
export function EndSuppression({ suppression }: { readonly suppression: Suppression }) {
  const { kind, matcher } = suppression;
  return (
    <RequestDialog name={`End ${kind}…`} title={`End the ${kind} of ${visibleText(describeMatcher(matcher))}`}>
      {(close) => <EndForm suppression={suppression} onSent={close} />}
    </RequestDialog>
  );
}

function EndForm({ suppression, onSent }: { readonly suppression: Suppression; readonly onSent: () => void }) {
  const { kind, id, matcher } = suppression;
  const [reason, setReason] = useState(USUAL_REASON);
  const action = kind === "silence" ? "end-silence" : "end-override";
  const request = useAnswer(`End the ${kind} of ${describeMatcher(matcher)}`, { action, subject: id, reason }, onSent);
  return (
    <DialogForm request={request} action={`End the ${kind}`} cancel="Leave it in force">
      <p>From then on these alerts are told again, those that still go on included. Its bill is written into the ledger.</p>
      <Field
        label="Reason"
        required
        autoComplete="off"
        value={reason}
        onChange={(event) => setReason(event.target.value)}
        problem={request.problem("reason")}
      />
    </DialogForm>
  );
}

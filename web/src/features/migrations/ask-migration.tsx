/** Asking is safe: it plans and rehearses. What is applied is decided afterwards, by somebody else. */
import { migrateInputsOf, parseMigrateRequest } from "@holdfast/actions/domain";
import { type ReactNode, useState } from "react";
import { IncidentField, ReasonField } from "../../components/confirm-fields.tsx";
import { DialogForm } from "../../components/dialog-form.tsx";
import { RequestDialog } from "../../components/request-dialog.tsx";
import { checkInputs } from "../../lib/checked-draft.ts";
import { useRequest } from "../../lib/use-request.ts";
import { visibleText } from "../../lib/visible-text.ts";

export function AskMigration({ cluster }: { readonly cluster: string }) {
  return (
    <RequestDialog name="Plan what is pending" tone="primary" title={`Plan what is pending on ${cluster}`}>
      {() => (
        <AskForm cluster={cluster}>
          Every pending migration is read and judged, then run on a scratch restore of the live data. {cluster} itself is only read until
          somebody other than you and its author has seen what happened there and agrees.
        </AskForm>
      )}
    </RequestDialog>
  );
}

/** `gone` is what would be taken back, newest first. */
export function AskUndo({ cluster, from, gone }: { readonly cluster: string; readonly from: string; readonly gone: readonly string[] }) {
  return (
    <RequestDialog name="Plan to take it back" title={`Take ${gone.join(", ")} back from ${cluster}`}>
      {() => (
        <AskForm cluster={cluster} undo={from}>
          The file beside each migration that leads back is read and judged, then run on a scratch restore of the live data, newest first:{" "}
          {visibleText(gone.join(", "))}. What was written since into what it removes is counted there. {cluster} itself is only read until
          somebody other than you and the files' author has seen that and agrees.
        </AskForm>
      )}
    </RequestDialog>
  );
}

interface AskFormProps {
  readonly cluster: string;
  readonly undo?: string;
  /** What asking does, and does not do. */
  readonly children: ReactNode;
}

function AskForm({ cluster, undo, children }: AskFormProps) {
  const [requestId] = useState(() => crypto.randomUUID());
  const [reason, setReason] = useState("");
  const [incident, setIncident] = useState("");
  const inputs = { cluster, reason, request_id: requestId, incident, ...(undo === undefined ? {} : { undo }) };
  const checked = checkInputs(() => migrateInputsOf(parseMigrateRequest(inputs)));
  const request = useRequest({ title: `Migrate ${cluster}`, work: "migrate", lane: cluster, requestId, checked });
  const { problem, tried } = request;
  return (
    <DialogForm request={request} action="Plan and rehearse">
      <p>{children}</p>
      <ReasonField value={reason} onChange={setReason} problem={problem("reason")} tried={tried} />
      <IncidentField
        hint="Where this is the fix of an incident, its id: what belongs to that incident does not forbid it."
        value={incident}
        onChange={setIncident}
        problem={problem("incident")}
      />
    </DialogForm>
  );
}

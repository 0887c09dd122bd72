/** Taking a snapshot is safe and cheap: two clicks, everything filled in. */
import { parseSnapshotRequest, snapshotInputsOf } from "@holdfast/actions/domain";
import { useState } from "react";
import { IncidentField } from "../../components/confirm-fields.tsx";
import { DialogForm } from "../../components/dialog-form.tsx";
import { Field } from "../../components/field.tsx";
import { RequestDialog } from "../../components/request-dialog.tsx";
import { checkInputs } from "../../lib/checked-draft.ts";
import { useRequest } from "../../lib/use-request.ts";

const USUAL_REASON = "Taken by hand from the panel";

export function TakeSnapshot({ cluster }: { readonly cluster: string }) {
  return (
    <RequestDialog name="Take snapshot" title={`Take a snapshot of ${cluster}`}>
      {() => <SnapshotForm cluster={cluster} />}
    </RequestDialog>
  );
}

function SnapshotForm({ cluster }: { readonly cluster: string }) {
  const [requestId] = useState(() => crypto.randomUUID());
  const [reason, setReason] = useState(USUAL_REASON);
  const [version, setVersion] = useState("");
  const [incident, setIncident] = useState("");
  const inputs = { cluster, reason, request_id: requestId, trigger: "manual", app_version: version.trim() || "unknown", incident };
  const checked = checkInputs(() => snapshotInputsOf(parseSnapshotRequest(inputs)));
  const request = useRequest({ title: `Snapshot of ${cluster}`, work: "snapshot", lane: cluster, requestId, checked });
  const { problem } = request;
  return (
    <DialogForm request={request} action={`Take snapshot of ${cluster}`}>
      <p>The cluster stays up; nothing is changed. A manual snapshot is kept until a person lets it go.</p>
      <Field label="Reason" required value={reason} onChange={(event) => setReason(event.target.value)} problem={problem("reason")} />
      <Field
        label="Application version (optional)"
        value={version}
        onChange={(event) => setVersion(event.target.value)}
        hint="Recorded with the snapshot; left empty it is recorded as unknown."
        problem={problem("app_version")}
      />
      <IncidentField value={incident} onChange={setIncident} problem={problem("incident")} />
    </DialogForm>
  );
}

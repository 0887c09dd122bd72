/** Removing what was left over: reviewed, with a reason and the name typed; the worker checks all of it again before it deletes. */
import type { Orphan } from "@holdfast/actions/domain";
import { useState } from "react";
import { IncidentField, ReasonField, TypedNameField } from "../../components/confirm-fields.tsx";
import { DialogForm } from "../../components/dialog-form.tsx";
import { Facts } from "../../components/facts.tsx";
import { GateLine } from "../../components/gate-line.tsx";
import { RequestDialog } from "../../components/request-dialog.tsx";
import { checkCleanup } from "../../lib/cleanup-draft.ts";
import { useRequest } from "../../lib/use-request.ts";

export function RemoveOrphan({ orphan }: { readonly orphan: Orphan }) {
  // Why it stays is said in its row.
  if (orphan.keep !== null) return null;
  return (
    <RequestDialog name="Remove…" label={`Remove ${orphan.id}…`} title={`Remove the ${orphan.resource} ${orphan.id}`}>
      {() => <RemovalForm orphan={orphan} />}
    </RequestDialog>
  );
}

function RemovalForm({ orphan }: { readonly orphan: Orphan }) {
  const { id, resource, sourceCluster } = orphan;
  const [requestId] = useState(() => crypto.randomUUID());
  const [reason, setReason] = useState("");
  const [typed, setTyped] = useState("");
  const [incident, setIncident] = useState("");
  const checked = checkCleanup({ orphan, reason, typed, incident, requestId });
  const request = useRequest({ title: `Remove ${id}`, work: "cleanup", lane: sourceCluster, requestId, checked });
  const { problem, tried } = request;
  return (
    <DialogForm request={request} action={`Remove ${resource} ${id}`} cancel="Keep it">
      <Facts
        facts={[
          { name: "Will happen", value: <WillHappen orphan={orphan} /> },
          { name: "Who must agree", value: <GateLine environment="cleanup" /> },
          { name: "Will not change", value: `${sourceCluster}, and every other cluster and snapshot.` },
          { name: "How to undo", value: howToUndo(orphan) },
        ]}
      />
      <ReasonField value={reason} onChange={setReason} problem={problem("reason")} tried={tried} />
      <TypedNameField of={resource} name={id} value={typed} onChange={setTyped} problem={problem("typed")} tried={tried} />
      <IncidentField value={incident} onChange={setIncident} problem={problem("incident")} />
    </DialogForm>
  );
}

/** A cluster that people could connect to may hold what they wrote. */
function lastSnapshot({ resource, instances }: Orphan): boolean {
  return resource === "cluster" && instances > 0;
}

function howToUndo(orphan: Orphan): string {
  if (lastSnapshot(orphan)) return "Restore the last snapshot of it.";
  if (orphan.resource === "snapshot" && orphan.status === "available")
    return "It cannot be undone: this point to go back to is lost. Newer ones stay.";
  return "It cannot be undone; it holds nothing that anyone wrote.";
}

function WillHappen({ orphan }: { readonly orphan: Orphan }) {
  return (
    <>
      The worker checks once more that <code>{orphan.id}</code> is ours, left over and no only copy, writes it down, and deletes it
      {lastSnapshot(orphan) ? " after taking a last snapshot of it" : ""}.
    </>
  );
}

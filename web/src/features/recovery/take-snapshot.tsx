/** Taking a snapshot is safe and cheap: two clicks, everything filled in. */
import { Dialog } from "@base-ui/react/dialog";
import { InvalidInput, parseSnapshotRequest, type SnapshotInputs, snapshotInputsOf } from "@holdfast/actions/domain";
import { type FormEvent, useState } from "react";
import { useLocation } from "wouter";
import { Button } from "../../components/button.tsx";
import { Field } from "../../components/field.tsx";
import { Modal } from "../../components/modal.tsx";
import { SendingNotice } from "../../components/sending-notice.tsx";
import { whyNoDispatch } from "../../lib/dispatch-right.ts";
import { useSystem } from "../../lib/system.tsx";
import { useDispatch } from "../../lib/use-dispatch.ts";
import styles from "./recovery.module.css";

const USUAL_REASON = "Taken by hand from the panel";

export function TakeSnapshot({ cluster }: { readonly cluster: string }) {
  const { session } = useSystem();
  const [open, setOpen] = useState(false);
  const blocked = whyNoDispatch(session.check);
  if (blocked !== null) return <Button blocked={blocked}>Take snapshot</Button>;
  return (
    <Modal
      title={`Take a snapshot of ${cluster}`}
      open={open}
      onOpenChange={setOpen}
      trigger={<Dialog.Trigger render={<Button>Take snapshot</Button>} />}
    >
      <SnapshotForm cluster={cluster} />
    </Modal>
  );
}

function SnapshotForm({ cluster }: { readonly cluster: string }) {
  const [, navigate] = useLocation();
  const [requestId] = useState(() => crypto.randomUUID());
  const [reason, setReason] = useState(USUAL_REASON);
  const [version, setVersion] = useState("");
  const [incident, setIncident] = useState("");
  const { sending, send } = useDispatch(`Snapshot of ${cluster}`, (id) => navigate(`/runs/${id}`));
  const checked = check({ cluster, reason, request_id: requestId, trigger: "manual", app_version: version.trim() || "unknown", incident });
  const start = (despite: string | null) => {
    if (checked.inputs) void send({ work: "snapshot", lane: cluster, requestId, inputs: checked.inputs }, despite);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    start(null);
  };
  return (
    <form className={styles.form} onSubmit={submit}>
      <p>The cluster stays up; nothing is changed. A manual snapshot is kept until a person lets it go.</p>
      <Field
        label="Reason"
        required
        value={reason}
        onChange={(event) => setReason(event.target.value)}
        problem={checked.problems.reason ?? null}
      />
      <Field
        label="Application version (optional)"
        value={version}
        onChange={(event) => setVersion(event.target.value)}
        hint="Recorded with the snapshot; left empty it is recorded as unknown."
        problem={checked.problems.app_version ?? null}
      />
      <Field
        label="Incident (optional)"
        autoComplete="off"
        value={incident}
        onChange={(event) => setIncident(event.target.value)}
        problem={checked.problems.incident ?? null}
      />
      <SendingNotice sending={sending} onAgain={start} />
      <div className={styles.actions}>
        <Dialog.Close render={<Button>Cancel</Button>} />
        <Button type="submit" tone="primary" blocked={sending.kind === "sending" ? "Already sent." : null}>
          Take snapshot of {cluster}
        </Button>
      </div>
    </form>
  );
}

interface Checked {
  readonly inputs: SnapshotInputs | null;
  readonly problems: Readonly<Record<string, string>>;
}

function check(inputs: SnapshotInputs): Checked {
  try {
    return { inputs: snapshotInputsOf(parseSnapshotRequest(inputs)), problems: {} };
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    return { inputs: null, problems: Object.fromEntries(error.problems.map((each) => [each.path, `Allowed: ${each.allowed}.`])) };
  }
}

/** Removing what was left over: reviewed, with a reason and the name typed; the worker checks all of it again before it deletes. */
import { Dialog } from "@base-ui/react/dialog";
import type { Orphan } from "@holdfast/actions/domain";
import { type FormEvent, useState } from "react";
import { useLocation } from "wouter";
import { Button } from "../../components/button.tsx";
import { Facts } from "../../components/facts.tsx";
import { Field } from "../../components/field.tsx";
import { GateLine } from "../../components/gate-line.tsx";
import { Modal } from "../../components/modal.tsx";
import { SendingNotice } from "../../components/sending-notice.tsx";
import { announceAlert } from "../../lib/announce.ts";
import { type CleanupProblems, checkCleanup } from "../../lib/cleanup-draft.ts";
import { whyNoDispatch } from "../../lib/dispatch-right.ts";
import { useSystem } from "../../lib/system.tsx";
import { useDispatch } from "../../lib/use-dispatch.ts";
import styles from "./recovery.module.css";

export function RemoveOrphan({ orphan }: { readonly orphan: Orphan }) {
  const { session } = useSystem();
  const [open, setOpen] = useState(false);
  const blocked = whyNoDispatch(session.check);
  // Why it stays is said in its row.
  if (orphan.keep !== null) return null;
  if (blocked !== null) return <Button blocked={blocked}>Remove…</Button>;
  return (
    <Modal
      title={`Remove the ${orphan.resource} ${orphan.id}`}
      open={open}
      onOpenChange={setOpen}
      trigger={<Dialog.Trigger render={<Button aria-label={`Remove ${orphan.id}…`}>Remove…</Button>} />}
    >
      <RemovalForm orphan={orphan} />
    </Modal>
  );
}

function RemovalForm({ orphan }: { readonly orphan: Orphan }) {
  const { id, resource, sourceCluster } = orphan;
  const [, navigate] = useLocation();
  const [requestId] = useState(() => crypto.randomUUID());
  const [reason, setReason] = useState("");
  const [typed, setTyped] = useState("");
  const [incident, setIncident] = useState("");
  const [tried, setTried] = useState(false);
  const { sending, send } = useDispatch(`Remove ${id}`, (sent) => navigate(`/runs/${sent}`));
  const checked = checkCleanup({ orphan, reason, typed, incident, requestId });
  const problems: CleanupProblems = checked.ok ? {} : checked.problems;
  const start = (despite: string | null) => {
    setTried(true);
    if (checked.ok) void send({ work: "cleanup", lane: sourceCluster, requestId, inputs: checked.inputs }, despite);
    else announceAlert(`Not sent. ${Object.values(problems).join(" ")}`);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    start(null);
  };
  return (
    <form className={styles.form} onSubmit={submit} noValidate>
      <Facts
        facts={[
          { name: "Will happen", value: <WillHappen orphan={orphan} /> },
          { name: "Who must agree", value: <GateLine environment="cleanup" /> },
          { name: "Will not change", value: `${sourceCluster}, and every other cluster and snapshot.` },
          { name: "How to undo", value: howToUndo(orphan) },
        ]}
      />
      <Field
        label="Reason"
        required
        autoComplete="off"
        value={reason}
        onChange={(event) => setReason(event.target.value)}
        hint="At least 10 characters. It is recorded in the ledger under your name."
        problem={tried || reason.length >= 10 ? (problems.reason ?? null) : null}
      />
      <Field
        label={`Type the ${resource}'s name`}
        mono
        required
        spellCheck={false}
        autoComplete="off"
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        hint={
          <>
            Exactly <code>{id}</code>
          </>
        }
        problem={tried || typed.length >= id.length ? (problems.typed ?? null) : null}
      />
      <Field
        label="Incident (optional)"
        autoComplete="off"
        value={incident}
        onChange={(event) => setIncident(event.target.value)}
        problem={problems.incident ?? null}
      />
      <SendingNotice sending={sending} onAgain={start} />
      <div className={styles.actions}>
        <Dialog.Close render={<Button>Keep it</Button>} />
        <Button type="submit" tone="primary" blocked={sending.kind === "sending" ? "Sent; waiting for GitHub…" : null}>
          Remove {resource} {id}
        </Button>
      </div>
    </form>
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

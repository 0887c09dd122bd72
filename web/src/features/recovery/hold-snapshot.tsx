/** Keeping a snapshot whatever the rules say, ending that, or giving one that stays for its own sake to the rules: with a reason, under one's name. */
import { Dialog } from "@base-ui/react/dialog";
import type { HoldAction, SnapshotView } from "@holdfast/actions/domain";
import { type FormEvent, useState } from "react";
import { useLocation } from "wouter";
import { Button } from "../../components/button.tsx";
import { Facts } from "../../components/facts.tsx";
import { Field } from "../../components/field.tsx";
import { Modal } from "../../components/modal.tsx";
import { SendingNotice } from "../../components/sending-notice.tsx";
import { announceAlert } from "../../lib/announce.ts";
import { whyNoDispatch } from "../../lib/dispatch-right.ts";
import { checkHold } from "../../lib/hold-draft.ts";
import { useSystem } from "../../lib/system.tsx";
import { useDispatch } from "../../lib/use-dispatch.ts";
import styles from "./recovery.module.css";

const WORDS: Readonly<Record<HoldAction, { readonly verb: string; readonly effect: string; readonly undo: string }>> = {
  hold: { verb: "Hold", effect: "No rule deletes it until a person releases it, and AWS refuses its deletion.", undo: "Release it." },
  release: { verb: "Release", effect: "The rules of retention say again how long it stays.", undo: "Hold it again." },
  "let-go": {
    verb: "Let go of",
    effect: "Nothing keeps it for its own sake any more: its deletion is announced, and done a day later at the earliest.",
    undo: "Hold it before it is deleted.",
  },
};

/** What can be said of it now; nothing of snapshots that Holdfast never deletes. */
export function HoldSnapshot({ snapshot }: { readonly snapshot: SnapshotView }) {
  if (!snapshot.managed || snapshot.automated || snapshot.takenAt === null) return null;
  const forItsOwnSake = snapshot.trigger === "manual" || snapshot.trigger === "pre-restore";
  const actions: readonly HoldAction[] = snapshot.held ? ["release"] : forItsOwnSake && !snapshot.letGo ? ["hold", "let-go"] : ["hold"];
  return actions.map((action) => <HoldButton key={action} snapshot={snapshot} action={action} />);
}

interface HoldProps {
  readonly snapshot: SnapshotView;
  readonly action: HoldAction;
}

function HoldButton({ snapshot, action }: HoldProps) {
  const { session } = useSystem();
  const [open, setOpen] = useState(false);
  const { verb } = WORDS[action];
  const blocked = whyNoDispatch(session.check);
  if (blocked !== null) return <Button blocked={blocked}>{verb}…</Button>;
  return (
    <Modal
      title={`${verb} ${snapshot.id}`}
      open={open}
      onOpenChange={setOpen}
      trigger={<Dialog.Trigger render={<Button aria-label={`${verb} ${snapshot.id}…`}>{verb}…</Button>} />}
    >
      <HoldForm snapshot={snapshot} action={action} />
    </Modal>
  );
}

function HoldForm({ snapshot: { id, cluster }, action }: HoldProps) {
  const [, navigate] = useLocation();
  const [requestId] = useState(() => crypto.randomUUID());
  const [reason, setReason] = useState("");
  const [incident, setIncident] = useState("");
  const [tried, setTried] = useState(false);
  const { verb, effect, undo } = WORDS[action];
  const { sending, send } = useDispatch(`${verb} ${id}`, (sent) => navigate(`/runs/${sent}`));
  const checked = checkHold({ cluster, snapshot: id, action, reason, incident, requestId });
  const problems = checked.ok ? {} : checked.problems;
  const start = (despite: string | null) => {
    setTried(true);
    if (checked.ok) void send({ work: "hold", lane: id, requestId, inputs: checked.inputs }, despite);
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
          { name: "Will happen", value: effect },
          { name: "How to undo", value: undo },
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
        label="Incident (optional)"
        autoComplete="off"
        value={incident}
        onChange={(event) => setIncident(event.target.value)}
        problem={problems.incident ?? null}
      />
      <SendingNotice sending={sending} onAgain={start} />
      <div className={styles.actions}>
        <Dialog.Close render={<Button>Cancel</Button>} />
        <Button type="submit" tone="primary" blocked={sending.kind === "sending" ? "Sent; waiting for GitHub…" : null}>
          {verb} {id}
        </Button>
      </div>
    </form>
  );
}

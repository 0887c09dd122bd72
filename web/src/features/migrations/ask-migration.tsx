/** Asking is safe: it plans and rehearses. What is applied is decided afterwards, by somebody else. */
import { Dialog } from "@base-ui/react/dialog";
import { InvalidInput, type MigrateInputs, migrateInputsOf, parseMigrateRequest } from "@holdfast/actions/domain";
import { type FormEvent, type ReactNode, useState } from "react";
import { useLocation } from "wouter";
import { Button } from "../../components/button.tsx";
import { Field } from "../../components/field.tsx";
import { Modal } from "../../components/modal.tsx";
import { SendingNotice } from "../../components/sending-notice.tsx";
import { whyNoDispatch } from "../../lib/dispatch-right.ts";
import { useSystem } from "../../lib/system.tsx";
import { useDispatch } from "../../lib/use-dispatch.ts";
import { visibleText } from "../../lib/visible-text.ts";
import styles from "./migrations.module.css";

export function AskMigration({ cluster }: { readonly cluster: string }) {
  return (
    <Ask button="Plan what is pending" title={`Plan what is pending on ${cluster}`} tone="primary">
      <AskForm cluster={cluster}>
        Every pending migration is read and judged, then run on a scratch restore of the live data. {cluster} itself is only read until
        somebody other than you and its author has seen what happened there and agrees.
      </AskForm>
    </Ask>
  );
}

/** `gone` is what would be taken back, newest first. */
export function AskUndo({ cluster, from, gone }: { readonly cluster: string; readonly from: string; readonly gone: readonly string[] }) {
  return (
    <Ask button="Plan to take it back" title={`Take ${gone.join(", ")} back from ${cluster}`}>
      <AskForm cluster={cluster} undo={from}>
        The file beside each migration that leads back is read and judged, then run on a scratch restore of the live data, newest first:{" "}
        {visibleText(gone.join(", "))}. What was written since into what it removes is counted there. {cluster} itself is only read until
        somebody other than you and the files' author has seen that and agrees.
      </AskForm>
    </Ask>
  );
}

interface AskProps {
  readonly button: string;
  readonly title: string;
  readonly tone?: "primary" | "plain";
  readonly children: ReactNode;
}

function Ask({ button, title, tone = "plain", children }: AskProps) {
  const { session } = useSystem();
  const [open, setOpen] = useState(false);
  const blocked = whyNoDispatch(session.check);
  if (blocked !== null) return <Button blocked={blocked}>{button}</Button>;
  return (
    <Modal title={title} open={open} onOpenChange={setOpen} trigger={<Dialog.Trigger render={<Button tone={tone}>{button}</Button>} />}>
      {children}
    </Modal>
  );
}

interface AskFormProps {
  readonly cluster: string;
  readonly undo?: string;
  /** What asking does, and does not do. */
  readonly children: ReactNode;
}

function AskForm({ cluster, undo, children }: AskFormProps) {
  const [, navigate] = useLocation();
  const [requestId] = useState(() => crypto.randomUUID());
  const [reason, setReason] = useState("");
  const [incident, setIncident] = useState("");
  const { sending, send } = useDispatch(`Migrate ${cluster}`, (id) => navigate(`/runs/${id}`));
  const checked = check({ cluster, reason, request_id: requestId, incident, ...(undo === undefined ? {} : { undo }) });
  const start = (despite: string | null) => {
    if (checked.inputs) void send({ work: "migrate", lane: cluster, requestId, inputs: checked.inputs }, despite);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    start(null);
  };
  return (
    <form className={styles.form} onSubmit={submit}>
      <p>{children}</p>
      <Field
        label="Reason"
        required
        value={reason}
        onChange={(event) => setReason(event.target.value)}
        problem={reason === "" ? null : (checked.problems.reason ?? null)}
      />
      <Field
        label="Incident (optional)"
        autoComplete="off"
        value={incident}
        onChange={(event) => setIncident(event.target.value)}
        hint="Where this is the fix of an incident, its id: what belongs to that incident does not forbid it."
        problem={checked.problems.incident ?? null}
      />
      <SendingNotice sending={sending} onAgain={start} />
      <div className={styles.actions}>
        <Dialog.Close render={<Button>Cancel</Button>} />
        <Button type="submit" tone="primary" blocked={blockedBy(sending.kind === "sending", checked)}>
          Plan and rehearse
        </Button>
      </div>
    </form>
  );
}

interface Checked {
  readonly inputs: MigrateInputs | null;
  readonly problems: Readonly<Record<string, string>>;
}

function blockedBy(sending: boolean, { inputs, problems }: Checked): string | null {
  if (sending) return "Already sent.";
  return inputs === null ? (Object.values(problems)[0] ?? "Something is missing.") : null;
}

function check(inputs: MigrateInputs): Checked {
  try {
    return { inputs: migrateInputsOf(parseMigrateRequest(inputs)), problems: {} };
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    return { inputs: null, problems: Object.fromEntries(error.problems.map((each) => [each.path, `Allowed: ${each.allowed}.`])) };
  }
}

import { type ClusterView, type RecoveryPoint, type RestoreRequest, restoreInputsOf } from "@holdfast/actions/domain";
import { type FormEvent, useState } from "react";
import { useLocation } from "wouter";
import { Button } from "../../components/button.tsx";
import { Field } from "../../components/field.tsx";
import { InsteadOfRestore } from "../../components/instead-of-restore.tsx";
import { Section } from "../../components/section.tsx";
import { SendingNotice } from "../../components/sending-notice.tsx";
import { announceAlert } from "../../lib/announce.ts";
import { whyNoDispatch } from "../../lib/dispatch-right.ts";
import { type AskedPoint, candidatesOf, checkDraft, type DraftProblems, suggestTarget } from "../../lib/restore-draft.ts";
import { useSystem } from "../../lib/system.tsx";
import { useDispatch } from "../../lib/use-dispatch.ts";
import { useNow } from "../../lib/use-now.ts";
import { PointChooser } from "./point-chooser.tsx";
import styles from "./recover.module.css";
import { Review } from "./review.tsx";

interface RecoverFormProps {
  readonly cluster: string;
  readonly view: ClusterView;
  /** What the form was opened for, chosen from the start. */
  readonly asked: AskedPoint;
  /** The incident that it was opened for, filled in from the start. */
  readonly belongsTo: string;
}

export function RecoverForm({ cluster, view, asked, belongsTo }: RecoverFormProps) {
  const { session } = useSystem();
  const [, navigate] = useLocation();
  const now = useNow(5_000);
  const [requestId] = useState(() => crypto.randomUUID());
  const [point, setPoint] = useState<RecoveryPoint | null>(() => candidatesOf(view, asked, new Date())[0]?.point ?? null);
  const [target, setTarget] = useState(() => suggestTarget(cluster, new Date()));
  const [reason, setReason] = useState("");
  const [typed, setTyped] = useState("");
  const [incident, setIncident] = useState(belongsTo);
  const [sample, setSample] = useState("");
  const [tried, setTried] = useState(false);
  const { sending, send } = useDispatch(`Restore ${cluster} → ${target}`, (id) => navigate(`/runs/${id}`));

  const checked = checkDraft({ cluster, point, target, reason, typed, incident, sample, requestId }, view, now);
  const problems: DraftProblems = checked.ok ? {} : checked.problems;
  const shown = (name: keyof DraftProblems, begun: boolean) => (tried || begun ? (problems[name] ?? null) : null);
  const start = (request: RestoreRequest, despite: string | null) =>
    void send({ work: "restore", lane: cluster, requestId, inputs: restoreInputsOf(request) }, despite);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (checked.ok) start(checked.request, null);
    else announceAlert(`Not sent. ${Object.values(problems).join(" ")}`);
  };

  return (
    <form className={styles.form} onSubmit={submit} noValidate>
      <div className={styles.choices}>
        <PointChooser
          view={view}
          asked={asked}
          point={point}
          onChoose={setPoint}
          now={now}
          problem={shown("point", true)}
          instead={<InsteadOfRestore incident={incident} />}
        />
        <Section title="New cluster">
          <Field
            label="Name of the new cluster"
            mono
            required
            spellCheck={false}
            autoComplete="off"
            value={target}
            onChange={(event) => setTarget(event.target.value)}
            problem={shown("target", true)}
          />
        </Section>
        <Section title="Proof">
          <Field
            label="Statement that is true where the damage is not there (optional)"
            mono
            spellCheck={false}
            autoComplete="off"
            value={sample}
            onChange={(event) => setSample(event.target.value)}
            hint="One select over some victims, run read-only in the new cluster. Where it is false the restore is not done, and an earlier point is proposed."
            problem={shown("sample", true)}
          />
        </Section>
        <Section title="Confirm">
          <Field
            label="Reason"
            required
            autoComplete="off"
            value={reason}
            onChange={(event) => setReason(event.target.value)}
            hint="At least 10 characters. It is recorded in the ledger under your name."
            problem={shown("reason", reason.length >= 10)}
          />
          <Field
            label="Type the cluster's name"
            mono
            required
            spellCheck={false}
            autoComplete="off"
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            hint={
              <>
                Exactly <code>{cluster}</code>
              </>
            }
            problem={shown("typed", typed.length >= cluster.length)}
          />
          <Field
            label="Incident (optional)"
            autoComplete="off"
            value={incident}
            onChange={(event) => setIncident(event.target.value)}
            hint="Its id; every entry of this restore keeps it."
            problem={shown("incident", true)}
          />
        </Section>
      </div>
      <div className={styles.side}>
        <Review view={view} request={checked.ok ? checked.request : null} point={point} target={target} now={now} problems={problems} />
        <SendingNotice sending={sending} onAgain={(despite) => (checked.ok ? start(checked.request, despite) : setTried(true))} />
        <Button
          type="submit"
          tone="primary"
          blocked={whyNoDispatch(session.check) ?? (sending.kind === "sending" ? "Already sent." : null)}
        >
          Restore {cluster} to new cluster
        </Button>
      </div>
    </form>
  );
}

import { type Cluster, CUT_OVER_BEFORE, type CutOverInputs, type Entry, type RestoredView, whyNotTakeOver } from "@holdfast/actions/domain";
import { type FormEvent, useState } from "react";
import { useLocation } from "wouter";
import { Button } from "../../components/button.tsx";
import { Field } from "../../components/field.tsx";
import { Section } from "../../components/section.tsx";
import { SendingNotice } from "../../components/sending-notice.tsx";
import { announceAlert } from "../../lib/announce.ts";
import { type CutOverProblems, checkCutOver } from "../../lib/cut-over-draft.ts";
import { whyNoDispatch } from "../../lib/dispatch-right.ts";
import type { RecoveryMoment } from "../../lib/recovery-moment.ts";
import { useSystem } from "../../lib/system.tsx";
import { useDispatch } from "../../lib/use-dispatch.ts";
import { useNow } from "../../lib/use-now.ts";
import styles from "./cut-over.module.css";
import { CutOverReview } from "./cut-over-review.tsx";

interface CutOverFormProps {
  readonly cluster: Cluster;
  readonly restored: RestoredView;
  readonly entries: readonly Entry[];
  /** What the restored cluster holds; null where the ledger does not know its restore. */
  readonly moment: RecoveryMoment | null;
  readonly belongsTo: string;
}

export function CutOverForm({ cluster: { id: cluster }, restored, entries, moment, belongsTo }: CutOverFormProps) {
  const { session } = useSystem();
  const [, navigate] = useLocation();
  const now = useNow(5_000);
  const [requestId] = useState(() => crypto.randomUUID());
  const [done, setDone] = useState<ReadonlySet<string>>(new Set());
  const [reason, setReason] = useState("");
  const [typed, setTyped] = useState("");
  const [incident, setIncident] = useState(belongsTo);
  const [tried, setTried] = useState(false);
  const { sending, send } = useDispatch(`Put ${restored.id} in the place of ${cluster}`, (id) => navigate(`/runs/${id}`));

  const checked = checkCutOver({ cluster, restored: restored.id, done, reason, typed, incident, requestId });
  const problems: CutOverProblems = checked.ok ? {} : checked.problems;
  const shown = (name: keyof CutOverProblems, begun: boolean) => (tried || begun ? (problems[name] ?? null) : null);
  // The worker refuses for the same reasons; here nobody has to wait for that.
  const forbidden =
    whyNotTakeOver({ cluster, restored: restored.id, requestId }, restored.requestId, entries, now) ??
    (restored.status === "available" ? null : `${restored.id} is ${restored.status}, not available.`) ??
    (restored.instances > 0 ? null : `${restored.id} has no instance that could serve.`);
  const tick = (each: string, on: boolean) =>
    setDone((before) => new Set(on ? [...before, each] : [...before].filter((other) => other !== each)));
  const start = (inputs: CutOverInputs, despite: string | null) =>
    void send({ work: "cut-over", lane: cluster, requestId, inputs }, despite);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (checked.ok) start(checked.inputs, null);
    else announceAlert(`Not sent. ${Object.values(problems).join(" ")}`);
  };

  return (
    <form className={styles.form} onSubmit={submit} noValidate>
      <div className={styles.choices}>
        <Section title="Before">
          <fieldset className={styles.before}>
            <legend>Done before it is sent</legend>
            {CUT_OVER_BEFORE.map((each) => (
              <Tick key={each} checked={done.has(each)} onTick={(on) => tick(each, on)}>
                {each}
              </Tick>
            ))}
            {shown("before", false) === null ? null : <p className={styles.problem}>{problems.before}</p>}
          </fieldset>
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
            label="Type the live cluster's name"
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
            hint="Its id; every entry of this cut-over keeps it."
            problem={shown("incident", true)}
          />
        </Section>
      </div>
      <div className={styles.side}>
        <CutOverReview
          request={checked.ok ? checked.request : null}
          asked={{ cluster, restored: restored.id, requestId }}
          moment={moment}
          now={now}
          problems={problems}
        />
        <SendingNotice sending={sending} onAgain={(despite) => (checked.ok ? start(checked.inputs, despite) : setTried(true))} />
        <Button
          type="submit"
          tone="primary"
          blocked={whyNoDispatch(session.check) ?? forbidden ?? (sending.kind === "sending" ? "Already sent." : null)}
        >
          Put {restored.id} in the place of {cluster}
        </Button>
      </div>
    </form>
  );
}

interface TickProps {
  readonly checked: boolean;
  readonly onTick: (checked: boolean) => void;
  readonly children: string;
}

function Tick({ checked, onTick, children }: TickProps) {
  return (
    <label className={styles.tick}>
      <input type="checkbox" checked={checked} onChange={(event) => onTick(event.target.checked)} />
      <span>{children}</span>
    </label>
  );
}

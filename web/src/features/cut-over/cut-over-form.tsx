import { type Cluster, CUT_OVER_BEFORE, type Entry, type RestoredView, whyNotTakeOver } from "@holdfast/actions/domain";
import { useState } from "react";
import { IncidentField, ReasonField, TypedNameField } from "../../components/confirm-fields.tsx";
import { RequestForm } from "../../components/request-form.tsx";
import { Section } from "../../components/section.tsx";
import { checkCutOver } from "../../lib/cut-over-draft.ts";
import type { RecoveryMoment } from "../../lib/recovery-moment.ts";
import { useNow } from "../../lib/use-now.ts";
import { useRequest } from "../../lib/use-request.ts";
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
  const now = useNow(5_000);
  const [requestId] = useState(() => crypto.randomUUID());
  const [done, setDone] = useState<ReadonlySet<string>>(new Set());
  const [reason, setReason] = useState("");
  const [typed, setTyped] = useState("");
  const [incident, setIncident] = useState(belongsTo);
  const checked = checkCutOver({ cluster, restored: restored.id, done, reason, typed, incident, requestId });
  const title = `Put ${restored.id} in the place of ${cluster}`;
  const request = useRequest({ title, work: "cut-over", lane: cluster, requestId, checked });
  const { problem, tried } = request;
  const tick = (each: string, on: boolean) =>
    setDone((before) => new Set(on ? [...before, each] : [...before].filter((other) => other !== each)));

  return (
    <RequestForm
      request={request}
      action={title}
      // The worker refuses for the same reasons; here nobody has to wait for that.
      forbidden={whyNotTakeOver({ cluster, requestId }, restored, entries, now)}
      review={<CutOverReview checked={checked} asked={{ cluster, restored: restored.id, requestId }} moment={moment} now={now} />}
    >
      <Section title="Before">
        <fieldset className={styles.before}>
          <legend>Done before it is sent</legend>
          {CUT_OVER_BEFORE.map((each) => (
            <Tick key={each} checked={done.has(each)} onTick={(on) => tick(each, on)}>
              {each}
            </Tick>
          ))}
          {tried && problem("before") !== null ? <p className={styles.problem}>{problem("before")}</p> : null}
        </fieldset>
      </Section>
      <Section title="Confirm">
        <ReasonField value={reason} onChange={setReason} problem={problem("reason")} tried={tried} />
        <TypedNameField of="live cluster" name={cluster} value={typed} onChange={setTyped} problem={problem("typed")} tried={tried} />
        <IncidentField
          hint="Its id; every entry of this cut-over keeps it."
          value={incident}
          onChange={setIncident}
          problem={problem("incident")}
        />
      </Section>
    </RequestForm>
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

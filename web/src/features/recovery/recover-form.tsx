import type { ClusterView, RecoveryPoint } from "@holdfast/actions/domain";
import { useState } from "react";
import { IncidentField, ReasonField, TypedNameField } from "../../components/confirm-fields.tsx";
import { Field } from "../../components/field.tsx";
import { InsteadOfRestore } from "../../components/instead-of-restore.tsx";
import { RequestForm } from "../../components/request-form.tsx";
import { Section } from "../../components/section.tsx";
import { type AskedPoint, candidatesOf, checkRestore, suggestTarget } from "../../lib/restore-draft.ts";
import { useNow } from "../../lib/use-now.ts";
import { useRequest } from "../../lib/use-request.ts";
import { PointChooser } from "./point-chooser.tsx";
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
  const now = useNow(5_000);
  const [requestId] = useState(() => crypto.randomUUID());
  const [point, setPoint] = useState<RecoveryPoint | null>(() => candidatesOf(view, asked, new Date())[0]?.point ?? null);
  const [target, setTarget] = useState(() => suggestTarget(cluster, new Date()));
  const [reason, setReason] = useState("");
  const [typed, setTyped] = useState("");
  const [incident, setIncident] = useState(belongsTo);
  const [sample, setSample] = useState("");
  const checked = checkRestore({ cluster, point, target, reason, typed, incident, sample, requestId }, view, now);
  const title = `Restore ${cluster} → ${target}`;
  const request = useRequest({ title, work: "restore", lane: cluster, requestId, checked });
  const { problem, tried } = request;

  return (
    <RequestForm
      request={request}
      action={`Restore ${cluster} to new cluster`}
      review={<Review view={view} checked={checked} point={point} target={target} now={now} />}
    >
      <PointChooser
        view={view}
        asked={asked}
        point={point}
        onChoose={setPoint}
        now={now}
        problem={problem("point")}
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
          problem={problem("target")}
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
          problem={problem("sample")}
        />
      </Section>
      <Section title="Confirm">
        <ReasonField value={reason} onChange={setReason} problem={problem("reason")} tried={tried} />
        <TypedNameField of="cluster" name={cluster} value={typed} onChange={setTyped} problem={problem("typed")} tried={tried} />
        <IncidentField
          hint="Its id; every entry of this restore keeps it."
          value={incident}
          onChange={setIncident}
          problem={problem("incident")}
        />
      </Section>
    </RequestForm>
  );
}

import { USUAL_SKEW } from "@holdfast/actions/domain";
import { useState } from "react";
import { Choice } from "../../components/choice.tsx";
import { IncidentField, ReasonField, TypedNameField } from "../../components/confirm-fields.tsx";
import { Field } from "../../components/field.tsx";
import { RequestForm } from "../../components/request-form.tsx";
import { Section } from "../../components/section.tsx";
import { checkRewind, type RewindDraft } from "../../lib/rewind-draft.ts";
import { useNow } from "../../lib/use-now.ts";
import { useRequest } from "../../lib/use-request.ts";
import { RewindReview } from "./rewind-review.tsx";

interface RewindFormProps {
  readonly cluster: string;
  /** Filled in from the start: the tables that holdfast.yml protects. */
  readonly tables: readonly string[];
  readonly interval: { readonly from: string; readonly to: string };
  readonly belongsTo: string;
}

export function RewindForm({ cluster, tables, interval, belongsTo }: RewindFormProps) {
  const now = useNow(5_000);
  const [draft, setDraft] = useState<RewindDraft>(() => ({
    cluster,
    mode: "plan",
    tables: tables.join(", "),
    ...interval,
    transactions: "",
    deletions: "ask",
    skew: "",
    answers: {},
    digest: "",
    reason: "",
    typed: "",
    incident: belongsTo,
    requestId: crypto.randomUUID(),
  }));
  const set = (change: Partial<RewindDraft>) => setDraft((before) => ({ ...before, ...change }));
  const type = (name: "tables" | "from" | "to" | "transactions" | "skew") => ({
    mono: true,
    spellCheck: false,
    autoComplete: "off",
    value: draft[name],
    onChange: (event: { readonly target: { readonly value: string } }) => set({ [name]: event.target.value }),
  });
  const checked = checkRewind(draft, now);
  const title = `Rewind ${draft.tables} of ${cluster}`;
  const request = useRequest({ title, work: "rewind", lane: cluster, requestId: draft.requestId, checked });
  const { problem, tried } = request;

  return (
    <RequestForm
      request={request}
      action={draft.mode === "plan" ? `Plan the rewind of ${cluster}` : `Rewind damaged rows of ${cluster}`}
      review={<RewindReview cluster={cluster} mode={draft.mode} checked={checked} />}
    >
      <Section title="What was damaged">
        <Field
          label="Tables"
          required
          {...type("tables")}
          hint="Separated by commas. Every one is read whole, three times; name those that were damaged."
          problem={tried || draft.tables !== "" ? problem("tables") : null}
        />
        <Field
          label="Damage from"
          required
          placeholder="2026-11-20T14:02:41Z"
          {...type("from")}
          hint="When it began, as the logs tell it, with its zone."
          problem={tried || draft.from.length >= 20 ? problem("from") : null}
        />
        <Field
          label="Damage until"
          required
          placeholder="2026-11-20T14:02:43Z"
          {...type("to")}
          problem={tried || draft.to.length >= 20 ? problem("to") : null}
        />
      </Section>
      <Section title="What is known of it">
        <Choice
          label="Rows that vanished in that time"
          value={draft.deletions}
          options={[
            { value: "ask", name: "ask about each" },
            { value: "damage", name: "the damage deleted them" },
            { value: "good", name: "were deleted rightly" },
          ]}
          onChoose={(deletions) => set({ deletions })}
        />
        <Field
          label="Transactions of the damage (optional)"
          {...type("transactions")}
          hint="Their ids, where several large ones fall into that time: the database's log has them, and a refusal lists them."
          problem={tried || draft.transactions !== "" || draft.skew !== "" ? problem("hints") : null}
        />
        <Field
          label="Clock difference (optional)"
          placeholder={USUAL_SKEW}
          {...type("skew")}
          hint={`How far the clock of the logs may be off; ${USUAL_SKEW} unless said.`}
        />
      </Section>
      <Section title="Confirm">
        <Choice
          label="Then"
          value={draft.mode}
          options={[
            { value: "plan", name: "show the plan and change nothing" },
            { value: "apply", name: "go on once another person approved the plan" },
          ]}
          onChoose={(mode) => set({ mode })}
        />
        <ReasonField value={draft.reason} onChange={(reason) => set({ reason })} problem={problem("reason")} tried={tried} />
        {draft.mode === "apply" ? (
          <TypedNameField
            of="cluster"
            name={cluster}
            value={draft.typed}
            onChange={(typed) => set({ typed })}
            problem={problem("typed")}
            tried={tried}
          />
        ) : null}
        <IncidentField
          hint="Its id; every entry keeps it."
          value={draft.incident}
          onChange={(incident) => set({ incident })}
          problem={problem("incident")}
        />
      </Section>
    </RequestForm>
  );
}

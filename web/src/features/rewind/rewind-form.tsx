import { type RewindRequest, rewindInputsOf, USUAL_SKEW } from "@holdfast/actions/domain";
import { type FormEvent, useState } from "react";
import { useLocation } from "wouter";
import { Button } from "../../components/button.tsx";
import { Choice } from "../../components/choice.tsx";
import { Field } from "../../components/field.tsx";
import { Section } from "../../components/section.tsx";
import { SendingNotice } from "../../components/sending-notice.tsx";
import { announceAlert } from "../../lib/announce.ts";
import { whyNoDispatch } from "../../lib/dispatch-right.ts";
import { checkRewind, type DraftField, type RewindDraft, type RewindProblems } from "../../lib/rewind-draft.ts";
import { useSystem } from "../../lib/system.tsx";
import { useDispatch } from "../../lib/use-dispatch.ts";
import { useNow } from "../../lib/use-now.ts";
import styles from "./rewind.module.css";
import { RewindReview } from "./rewind-review.tsx";

interface RewindFormProps {
  readonly cluster: string;
  /** Filled in from the start: the tables that holdfast.yml protects. */
  readonly tables: readonly string[];
  readonly interval: { readonly from: string; readonly to: string };
  readonly belongsTo: string;
}

export function RewindForm({ cluster, tables, interval, belongsTo }: RewindFormProps) {
  const { session } = useSystem();
  const [, navigate] = useLocation();
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
  const [tried, setTried] = useState(false);
  const { sending, send } = useDispatch(`Rewind ${draft.tables} of ${cluster}`, (id) => navigate(`/runs/${id}`));
  const set = (change: Partial<RewindDraft>) => setDraft((before) => ({ ...before, ...change }));
  const type = (name: "tables" | "from" | "to" | "transactions" | "skew" | "reason" | "typed" | "incident") => ({
    value: draft[name],
    autoComplete: "off",
    onChange: (event: { readonly target: { readonly value: string } }) => set({ [name]: event.target.value }),
  });

  const checked = checkRewind(draft, now);
  const problems: RewindProblems = checked.ok ? {} : checked.problems;
  const shown = (name: DraftField, begun: boolean) => (tried || begun ? (problems[name] ?? null) : null);
  const start = (request: RewindRequest, despite: string | null) =>
    void send({ work: "rewind", lane: cluster, requestId: request.requestId, inputs: rewindInputsOf(request) }, despite);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (checked.ok) start(checked.request, null);
    else announceAlert(`Not sent. ${Object.values(problems).join(" ")}`);
  };

  return (
    <form className={styles.form} onSubmit={submit} noValidate>
      <div className={styles.choices}>
        <Section title="What was damaged">
          <Field
            label="Tables"
            mono
            required
            spellCheck={false}
            {...type("tables")}
            hint="Separated by commas. Every one is read whole, three times; name those that were damaged."
            problem={shown("tables", draft.tables !== "")}
          />
          <Field
            label="Damage from"
            mono
            required
            spellCheck={false}
            placeholder="2026-11-20T14:02:41Z"
            {...type("from")}
            hint="When it began, as the logs tell it, with its zone."
            problem={shown("from", draft.from.length >= 20)}
          />
          <Field
            label="Damage until"
            mono
            required
            spellCheck={false}
            placeholder="2026-11-20T14:02:43Z"
            {...type("to")}
            problem={shown("to", draft.to.length >= 20)}
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
            mono
            spellCheck={false}
            {...type("transactions")}
            hint="Their ids, where several large ones fall into that time: the database's log has them, and a refusal lists them."
            problem={shown("hints", draft.transactions !== "" || draft.skew !== "")}
          />
          <Field
            label="Clock difference (optional)"
            mono
            spellCheck={false}
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
          <Field
            label="Reason"
            required
            {...type("reason")}
            hint="At least 10 characters. It is recorded in the ledger under your name."
            problem={shown("reason", draft.reason.length >= 10)}
          />
          {draft.mode === "apply" ? (
            <Field
              label="Type the cluster's name"
              mono
              required
              spellCheck={false}
              {...type("typed")}
              hint={
                <>
                  Exactly <code>{cluster}</code>
                </>
              }
              problem={shown("typed", draft.typed.length >= cluster.length)}
            />
          ) : null}
          <Field label="Incident (optional)" {...type("incident")} hint="Its id; every entry keeps it." problem={shown("incident", true)} />
        </Section>
      </div>
      <div className={styles.side}>
        <RewindReview cluster={cluster} mode={draft.mode} request={checked.ok ? checked.request : null} problems={problems} />
        <SendingNotice sending={sending} onAgain={(despite) => (checked.ok ? start(checked.request, despite) : setTried(true))} />
        <Button
          type="submit"
          tone="primary"
          blocked={whyNoDispatch(session.check) ?? (sending.kind === "sending" ? "Already sent." : null)}
        >
          {draft.mode === "plan" ? `Plan the rewind of ${cluster}` : `Rewind damaged rows of ${cluster}`}
        </Button>
      </div>
    </form>
  );
}

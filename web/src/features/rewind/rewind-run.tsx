/** What the screen of a rewind's run shows beside its steps: the plan, its result, and for a plan that was only looked at, the way to apply it. */
import type { Entry, RewindAnswer, RewindPlanSummary } from "@holdfast/actions/domain";
import { useState } from "react";
import { Button } from "../../components/button.tsx";
import { Choice } from "../../components/choice.tsx";
import { ReasonField, TypedNameField } from "../../components/confirm-fields.tsx";
import { Facts } from "../../components/facts.tsx";
import { GateLine } from "../../components/gate-line.tsx";
import { RewindPlan } from "../../components/rewind-plan.tsx";
import { Section } from "../../components/section.tsx";
import { SendingNotice } from "../../components/sending-notice.tsx";
import { planIn, resultIn } from "../../lib/read-rewind.ts";
import { type AskedOf, askedOf, checkApply } from "../../lib/rewind-draft.ts";
import { isPlanOnly } from "../../lib/step-times.ts";
import { useNow } from "../../lib/use-now.ts";
import { useRequest } from "../../lib/use-request.ts";
import type { WorkView } from "../../lib/work.ts";
import styles from "./rewind.module.css";

export function RewindRun({ view }: { readonly view: WorkView }) {
  const plan = planIn(view.entries);
  if (view.work !== "rewind" || plan === null) return null;
  const asked = askedOf(view.entries);
  const open = view.state === "completed" && isPlanOnly(view.entries) && asked !== null;
  return (
    <>
      <Result entries={view.entries} />
      {open ? <ApplyPlan key={view.requestId} plan={plan} asked={asked} incident={view.incident ?? ""} /> : <RewindPlan plan={plan} />}
    </>
  );
}

function Result({ entries }: { readonly entries: readonly Entry[] }) {
  const result = resultIn(entries);
  if (result === null) return null;
  const { changed, returned, removed, already, left, unanswered } = result;
  return (
    <Section title="Rows" boxed>
      <Facts
        facts={[
          { name: "Got old values back", value: String(changed) },
          { name: "Came back whole", value: String(returned) },
          ...(removed === 0 ? [] : [{ name: "Removed", value: String(removed) }]),
          ...(already === 0 ? [] : [{ name: "Done before already", value: String(already) }]),
          { name: "Left alone, written since the plan", value: String(left) },
          { name: "Left alone, nobody answered", value: String(unanswered) },
        ]}
      />
    </Section>
  );
}

type Answered = RewindAnswer | "open";
type Meanwhile = "anew" | "refuse";

interface ApplyPlanProps {
  readonly plan: RewindPlanSummary;
  readonly asked: AskedOf;
  readonly incident: string;
}

function ApplyPlan({ plan, asked, incident }: ApplyPlanProps) {
  const now = useNow(5_000);
  const [requestId] = useState(() => crypto.randomUUID());
  const [answers, setAnswers] = useState<Readonly<Record<string, RewindAnswer>>>({});
  const [meanwhile, setMeanwhile] = useState<Meanwhile>("anew");
  const [reason, setReason] = useState("");
  const [typed, setTyped] = useState("");
  // Answers make another plan of it, with a digest of its own.
  const bound = meanwhile === "refuse" && Object.keys(answers).length === 0;
  const checked = checkApply({ asked, answers, digest: bound ? plan.digest : "", reason, typed, incident, requestId }, now);
  const title = `Rewind ${asked.tables.join(", ")} of ${asked.cluster}`;
  const { problem, tried, sending, blocked, start, submit } = useRequest({
    title,
    work: "rewind",
    lane: asked.cluster,
    requestId,
    checked,
  });
  const choose = (id: string, answer: Answered) =>
    setAnswers(({ [id]: _, ...others }) => (answer === "open" ? others : { ...others, [id]: answer }));

  return (
    <>
      <RewindPlan
        plan={plan}
        answer={({ id, table, key }) => (
          <Choice
            label={`Answer for ${table} ${key.join("/")}`}
            value={answers[id] ?? "open"}
            options={[
              { value: "open", name: "leave open: it stays as it is now" },
              { value: "keep", name: "keep what is there now" },
              { value: "bring-back", name: "bring back what was before" },
            ]}
            onChoose={(answer) => choose(id, answer)}
          />
        )}
      />
      <Section title="Apply this plan">
        <form className={styles.apply} onSubmit={submit} noValidate>
          <p>
            New scratch clusters are made, the rows compared again, and the plan waits for its approval: <GateLine environment="rewind" />
          </p>
          {Object.keys(answers).length > 0 ? null : (
            <Choice
              label="If rows have changed meanwhile"
              value={meanwhile}
              options={[
                { value: "anew", name: "show the new plan to the approver" },
                { value: "refuse", name: "refuse: only this very plan" },
              ]}
              onChoose={setMeanwhile}
            />
          )}
          <ReasonField value={reason} onChange={setReason} problem={problem("reason")} tried={tried} />
          <TypedNameField of="cluster" name={asked.cluster} value={typed} onChange={setTyped} problem={problem("typed")} tried={tried} />
          <SendingNotice sending={sending} onAgain={start} />
          <div>
            <Button type="submit" tone="primary" blocked={blocked}>
              Rewind damaged rows of {asked.cluster}
            </Button>
          </div>
        </form>
      </Section>
    </>
  );
}

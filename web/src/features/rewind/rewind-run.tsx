/** What the screen of a rewind's run shows beside its steps: the plan, its result, and for a plan that was only looked at, the way to apply it. */
import { type Entry, type RewindAnswer, type RewindPlanSummary, type RewindRequest, rewindInputsOf } from "@holdfast/actions/domain";
import { type FormEvent, useState } from "react";
import { useLocation } from "wouter";
import { Button } from "../../components/button.tsx";
import { Choice } from "../../components/choice.tsx";
import { Facts } from "../../components/facts.tsx";
import { Field } from "../../components/field.tsx";
import { GateLine } from "../../components/gate-line.tsx";
import { RewindPlan } from "../../components/rewind-plan.tsx";
import { Section } from "../../components/section.tsx";
import { SendingNotice } from "../../components/sending-notice.tsx";
import { announceAlert } from "../../lib/announce.ts";
import { whyNoDispatch } from "../../lib/dispatch-right.ts";
import { planIn, resultIn } from "../../lib/read-rewind.ts";
import { type AskedOf, askedOf, checkApply, type RewindProblems } from "../../lib/rewind-draft.ts";
import { isPlanOnly } from "../../lib/step-times.ts";
import { useSystem } from "../../lib/system.tsx";
import { useDispatch } from "../../lib/use-dispatch.ts";
import { useNow } from "../../lib/use-now.ts";
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
  const { session } = useSystem();
  const [, navigate] = useLocation();
  const now = useNow(5_000);
  const [requestId] = useState(() => crypto.randomUUID());
  const [answers, setAnswers] = useState<Readonly<Record<string, RewindAnswer>>>({});
  const [meanwhile, setMeanwhile] = useState<Meanwhile>("anew");
  const [reason, setReason] = useState("");
  const [typed, setTyped] = useState("");
  const [tried, setTried] = useState(false);
  const { sending, send } = useDispatch(`Rewind ${asked.tables.join(", ")} of ${asked.cluster}`, (id) => navigate(`/runs/${id}`));

  // Answers make another plan of it, with a digest of its own.
  const bound = meanwhile === "refuse" && Object.keys(answers).length === 0;
  const checked = checkApply({ asked, answers, digest: bound ? plan.digest : "", reason, typed, incident, requestId }, now);
  const problems: RewindProblems = checked.ok ? {} : checked.problems;
  const start = (request: RewindRequest, despite: string | null) =>
    void send({ work: "rewind", lane: asked.cluster, requestId, inputs: rewindInputsOf(request) }, despite);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (checked.ok) start(checked.request, null);
    else announceAlert(`Not sent. ${Object.values(problems).join(" ")}`);
  };
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
            label="Type the cluster's name"
            mono
            required
            spellCheck={false}
            autoComplete="off"
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            hint={
              <>
                Exactly <code>{asked.cluster}</code>
              </>
            }
            problem={tried || typed.length >= asked.cluster.length ? (problems.typed ?? null) : null}
          />
          <SendingNotice sending={sending} onAgain={(despite) => (checked.ok ? start(checked.request, despite) : setTried(true))} />
          <div>
            <Button
              type="submit"
              tone="primary"
              blocked={whyNoDispatch(session.check) ?? (sending.kind === "sending" ? "Already sent." : null)}
            >
              Rewind damaged rows of {asked.cluster}
            </Button>
          </div>
        </form>
      </Section>
    </>
  );
}

/** Hiding alerts for a time: which, until when and why, reviewed from the very object that is sent. It ends by itself and presents its bill. */
import { Dialog } from "@base-ui/react/dialog";
import { durationMs, formatDuration, type Matcher, RULE_IDS, SEVERITIES, type SuppressionKind } from "@holdfast/actions/domain";
import { type FormEvent, useState } from "react";
import { Button } from "../../components/button.tsx";
import { Choice } from "../../components/choice.tsx";
import { Field } from "../../components/field.tsx";
import { Modal } from "../../components/modal.tsx";
import { SendingNotice } from "../../components/sending-notice.tsx";
import { ruleTitle } from "../../lib/alert-words.ts";
import type { AnswerProblems } from "../../lib/answer-draft.ts";
import { whyNoDispatch } from "../../lib/dispatch-right.ts";
import { useSystem } from "../../lib/system.tsx";
import { useNow } from "../../lib/use-now.ts";
import { visibleText } from "../../lib/visible-text.ts";
import styles from "./alerts.module.css";
import { SuppressReview } from "./suppress-review.tsx";
import { useAnswer } from "./use-answer.ts";

interface SuppressProps {
  readonly kind: SuppressionKind;
  /** What is filled in from the start; empty for none. */
  readonly matcher: Matcher;
}

const NAMES = { silence: "Silence", override: "Override" } as const;
const LENGTHS = ["30m", "1h", "2h", "4h", "8h", "24h"] as const;

export function Suppress({ kind, matcher }: SuppressProps) {
  const { session } = useSystem();
  const [open, setOpen] = useState(false);
  const name = `${NAMES[kind]}…`;
  const blocked = whyNoDispatch(session.check);
  if (blocked !== null) return <Button blocked={blocked}>{name}</Button>;
  return (
    <Modal
      title={kind === "silence" ? "Silence alerts for a time" : "Override: work that would look like an accident"}
      open={open}
      onOpenChange={setOpen}
      trigger={<Dialog.Trigger render={<Button>{name}</Button>} />}
    >
      <SuppressForm kind={kind} matcher={matcher} onSent={() => setOpen(false)} />
    </Modal>
  );
}

function SuppressForm({ kind, matcher, onSent }: SuppressProps & { readonly onSent: () => void }) {
  const { config } = useSystem();
  const now = useNow(5_000);
  const longest = config.value?.suppressions[kind] ?? "0s";
  const lengths = LENGTHS.filter((each) => durationMs(each) <= durationMs(longest));
  const [rule, setRule] = useState(matcher.rule ?? "");
  const [app, setApp] = useState(matcher.app ?? "");
  const [severity, setSeverity] = useState<string>(matcher.severity ?? "");
  const [key, setKey] = useState(matcher.key ?? "");
  const [length, setLength] = useState<string>(lengths.includes("1h") ? "1h" : (lengths[0] ?? longest));
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const until = new Date(now.getTime() + durationMs(length)).toISOString();
  const { checked, sending, blocked, start } = useAnswer(NAMES[kind], { action: kind, rule, app, severity, key, until, reason }, onSent);
  const problems: AnswerProblems = checked.ok ? {} : checked.problems;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    start(null);
  };
  const rules = RULE_IDS.some((each) => each === rule) || rule === "" ? RULE_IDS : [...RULE_IDS, rule];
  const apps = (config.value?.apps ?? []).map((each) => each.name);
  return (
    <form className={styles.form} onSubmit={submit} noValidate>
      <div className={styles.pair}>
        <Choice label="Rule" value={rule} options={orAny(rules, ruleTitle)} onChoose={setRule} />
        <Choice label="App" value={app} options={orAny(apps.includes(app) || app === "" ? apps : [...apps, app])} onChoose={setApp} />
        <Choice label="Severity" value={severity} options={orAny(SEVERITIES)} onChoose={setSeverity} />
        <Field
          label="Key (optional)"
          placeholder="an account, an address"
          autoComplete="off"
          value={key}
          onChange={(event) => setKey(event.target.value)}
          problem={problems.key ?? null}
        />
      </div>
      {tried && problems.matcher !== undefined ? (
        <p className={styles.problem}>Choose at least one: hiding everything would hide the next accident.</p>
      ) : null}
      <Choice
        label="For"
        value={length}
        options={(lengths.length === 0 ? [longest] : lengths).map((each) => ({ value: each, name: formatDuration(durationMs(each)) }))}
        onChoose={setLength}
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
      <SuppressReview kind={kind} checked={checked} now={now} />
      <SendingNotice sending={sending} onAgain={start} />
      <div className={styles.actions}>
        <Dialog.Close render={<Button>Hide nothing</Button>} />
        <Button type="submit" tone="primary" blocked={blocked}>
          {kind === "silence" ? "Silence these alerts" : "Ask for the override"}
        </Button>
      </div>
    </form>
  );
}

function orAny(values: readonly string[], name: (value: string) => string = (value) => value) {
  return [{ value: "", name: "any" }, ...values.map((each) => ({ value: each, name: visibleText(name(each)) }))];
}

/** Hiding alerts for a time: which, until when and why, reviewed from the very object that is sent. It ends by itself and presents its bill. */
import { durationMs, formatDuration, type Matcher, RULE_IDS, SEVERITIES, type SuppressionKind } from "@holdfast/actions/domain";
import { useState } from "react";
import { Choice } from "../../components/choice.tsx";
import { ReasonField } from "../../components/confirm-fields.tsx";
import { DialogForm } from "../../components/dialog-form.tsx";
import { Field } from "../../components/field.tsx";
import { RequestDialog } from "../../components/request-dialog.tsx";
import { ruleTitle } from "../../lib/alert-words.ts";
import { useSystem } from "../../lib/system.tsx";
import { useAnswer } from "../../lib/use-answer.ts";
import { useNow } from "../../lib/use-now.ts";
import { visibleText } from "../../lib/visible-text.ts";
import styles from "./alerts.module.css";
import { SuppressReview } from "./suppress-review.tsx";

interface SuppressProps {
  readonly kind: SuppressionKind;
  /** What is filled in from the start; empty for none. */
  readonly matcher: Matcher;
}

const NAMES = { silence: "Silence", override: "Override" } as const;
const LENGTHS = ["30m", "1h", "2h", "4h", "8h", "24h"] as const;

export function Suppress({ kind, matcher }: SuppressProps) {
  return (
    <RequestDialog
      name={`${NAMES[kind]}…`}
      title={kind === "silence" ? "Silence alerts for a time" : "Override: work that would look like an accident"}
    >
      {(close) => <SuppressForm kind={kind} matcher={matcher} onSent={close} />}
    </RequestDialog>
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
  const until = new Date(now.getTime() + durationMs(length)).toISOString();
  const request = useAnswer(NAMES[kind], { action: kind, rule, app, severity, key, until, reason }, onSent);
  const { checked, problem, tried } = request;
  const rules = RULE_IDS.some((each) => each === rule) || rule === "" ? RULE_IDS : [...RULE_IDS, rule];
  const apps = (config.value?.apps ?? []).map((each) => each.name);
  return (
    <DialogForm request={request} action={kind === "silence" ? "Silence these alerts" : "Ask for the override"} cancel="Hide nothing">
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
          problem={problem("key")}
        />
      </div>
      {tried && problem("matcher") !== null ? (
        <p className={styles.problem}>Choose at least one: hiding everything would hide the next accident.</p>
      ) : null}
      <Choice
        label="For"
        value={length}
        options={(lengths.length === 0 ? [longest] : lengths).map((each) => ({ value: each, name: formatDuration(durationMs(each)) }))}
        onChoose={setLength}
      />
      <ReasonField value={reason} onChange={setReason} problem={problem("reason")} tried={tried} />
      <SuppressReview kind={kind} checked={checked} now={now} />
    </DialogForm>
  );
}

function orAny(values: readonly string[], name: (value: string) => string = (value) => value) {
  return [{ value: "", name: "any" }, ...values.map((each) => ({ value: each, name: visibleText(name(each)) }))];
}

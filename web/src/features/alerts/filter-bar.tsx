import { ALERT_STATUSES, type AlertView, SEVERITIES } from "@holdfast/actions/domain";
import { Choice } from "../../components/choice.tsx";
import { ruleTitle } from "../../lib/alert-words.ts";
import type { AlertFilter } from "../../lib/filter-alerts.ts";
import { visibleText } from "../../lib/visible-text.ts";
import styles from "./alerts.module.css";

interface FilterBarProps {
  /** All there are: their apps and rules are what can be chosen. */
  readonly alerts: readonly AlertView[];
  readonly filter: AlertFilter;
  readonly onFilter: (filter: AlertFilter) => void;
}

const ANY = { value: "any", name: "any" } as const;

export function FilterBar({ alerts, filter, onFilter }: FilterBarProps) {
  const apps = namesOf(alerts.map(({ alert }) => alert.app ?? ""));
  const rules = namesOf(alerts.map(({ alert }) => alert.rule));
  return (
    <search className={styles.filter} aria-label="Which alerts">
      <Choice
        label="Status"
        value={filter.status}
        options={[{ value: "todo", name: "needs somebody" }, ...ALERT_STATUSES.map((each) => ({ value: each, name: each })), ANY]}
        onChoose={(status) => onFilter({ ...filter, status })}
      />
      <Choice
        label="Severity"
        value={filter.severity}
        options={[ANY, ...SEVERITIES.map((each) => ({ value: each, name: each }))]}
        onChoose={(severity) => onFilter({ ...filter, severity })}
      />
      <Choice
        label="App"
        value={filter.app}
        options={[ANY, ...withChosen(apps, filter.app).map((each) => ({ value: each, name: each === "" ? "none" : visibleText(each) }))]}
        onChoose={(app) => onFilter({ ...filter, app })}
      />
      <Choice
        label="Rule"
        value={filter.rule}
        options={[ANY, ...withChosen(rules, filter.rule).map((each) => ({ value: each, name: visibleText(ruleTitle(each)) }))]}
        onChoose={(rule) => onFilter({ ...filter, rule })}
      />
    </search>
  );
}

function namesOf(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort();
}

/** What an address asks for stays chosen, also when no alert has it any more. */
function withChosen(names: readonly string[], chosen: string): readonly string[] {
  return chosen === "any" || names.includes(chosen) ? names : [...names, chosen];
}

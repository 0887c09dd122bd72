import { Link } from "wouter";
import { AlertSummary } from "../../components/alert-summary.tsx";
import { Section } from "../../components/section.tsx";
import { needsSomebody } from "../../lib/alert-words.ts";
import { useAlerts } from "../../lib/use-alerts.ts";
import styles from "./overview.module.css";

// What one look takes in; the rest is on the alerts screen.
const MOST = 5;

/** Alerts that somebody still has to deal with, those that nobody has looked at first. */
export function OpenAlerts() {
  const todo = (useAlerts()?.alerts ?? []).filter(needsSomebody);
  if (todo.length === 0) return null;
  const unseenFirst = todo.toSorted((a, b) => Number(a.acknowledged !== null) - Number(b.acknowledged !== null));
  return (
    <Section title={`Alerts that need somebody (${todo.length})`}>
      <ul aria-label="Alerts that need somebody">
        {unseenFirst.slice(0, MOST).map((view) => (
          <AlertSummary key={view.alert.id} view={view} />
        ))}
      </ul>
      {todo.length > MOST ? (
        <p className={styles.more}>
          <Link href="/alerts">All {todo.length}</Link>
        </p>
      ) : null}
    </Section>
  );
}

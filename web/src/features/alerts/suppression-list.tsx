import { describeMatcher, type Suppression } from "@holdfast/actions/domain";
import { Link } from "wouter";
import { StateIcon } from "../../components/icons.tsx";
import { Instant } from "../../components/instant.tsx";
import { Section } from "../../components/section.tsx";
import { counted } from "../../lib/counted.ts";
import { visibleText } from "../../lib/visible-text.ts";
import styles from "./alerts.module.css";
import { EndSuppression } from "./end-suppression.tsx";

interface SuppressionListProps {
  readonly inForce: readonly Suppression[];
  /** Newest first. */
  readonly over: readonly Suppression[];
}

// The last few bills are what somebody still has to read.
const LATEST = 5;
// Enough to begin with; the list of hidden alerts has them all.
const NAMED = 5;

/** What is hidden now, by whom, until when, and what that has cost so far; and the bills of what is over. */
export function SuppressionList({ inForce, over }: SuppressionListProps) {
  return (
    <>
      {inForce.length === 0 ? null : (
        <Section title={`Silences and overrides in force (${inForce.length})`}>
          <ul className={styles.suppressions} aria-label="Silences and overrides in force">
            {inForce.map((each) => (
              <SuppressionItem key={each.id} suppression={each} />
            ))}
          </ul>
        </Section>
      )}
      {over.length === 0 ? null : (
        <details className={styles.over}>
          <summary>{`Bills of silences and overrides that are over (${Math.min(over.length, LATEST)} of ${over.length})`}</summary>
          <ul className={styles.suppressions} aria-label="Silences and overrides that are over">
            {over.slice(0, LATEST).map((each) => (
              <SuppressionItem key={each.id} suppression={each} />
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

function SuppressionItem({ suppression }: { readonly suppression: Suppression }) {
  const { kind, matcher, by, reason, until, startedAt, ended, gate, incident } = suppression;
  return (
    <li className={styles.suppression} data-over={ended !== null || undefined}>
      <p className={styles.what}>
        <StateIcon state="override" />
        <span>
          {kind === "override" ? "Override" : "Silence"} of {visibleText(describeMatcher(matcher))}
        </span>
      </p>
      <p>
        {visibleText(by)}: {visibleText(reason)}
      </p>
      <p className={styles.soft}>
        Since <Instant at={new Date(startedAt)} />,{" "}
        {ended === null ? (
          <>
            ends <Instant at={new Date(until)} relative />
          </>
        ) : (
          <>
            ended <Instant at={new Date(ended.at)} relative />{" "}
            {ended.by === null ? "when its time ran out" : `by ${visibleText(ended.by)}: ${visibleText(ended.reason)}`}
          </>
        )}
        {gate === null ? null : `. Agreed: ${visibleText(gate)}`}
        {incident === null ? null : (
          <>
            . <Link href={`/incidents/${encodeURIComponent(incident)}`}>Incident {visibleText(incident)}</Link>
          </>
        )}
      </p>
      <Bill suppression={suppression} />
      {ended === null ? (
        <div>
          <EndSuppression suppression={suppression} />
        </div>
      ) : null}
    </li>
  );
}

function Bill({ suppression: { bill, ended } }: { readonly suppression: Suppression }) {
  if (bill.alerts === 0) return <p>{ended === null ? "It has hidden nothing so far." : "It hid nothing."}</p>;
  return (
    <div>
      <p>
        <strong>
          {ended === null ? "Hidden so far" : "It hid"}: {counted(bill.alerts, "alert")}
        </strong>{" "}
        of {counted(bill.occurrences, "occurrence")} ({bill.byRule.map((each) => `${visibleText(each.rule)}: ${each.alerts}`).join(", ")})
      </p>
      <ul className={styles.named} aria-label="Alerts that it hid">
        {bill.alertIds.slice(0, NAMED).map((id) => (
          <li key={id}>
            <Link href={`/alerts/${encodeURIComponent(id)}`}>{visibleText(id)}</Link>
          </li>
        ))}
        {bill.alerts > NAMED ? <li>and {bill.alerts - NAMED} more: choose the status hidden below</li> : null}
      </ul>
    </div>
  );
}

/** What was proven, and when: each kind of recovery point with what its drills measured beside what was promised. */
import type { Cluster, ClusterView, DrillTier } from "@holdfast/actions/domain";
import { Facts } from "../../components/facts.tsx";
import { Instant } from "../../components/instant.tsx";
import { Section } from "../../components/section.tsx";
import { type Drill, drillHistory, type TierRecord } from "../../lib/drill-history.ts";
import { showDuration } from "../../lib/show-instant.ts";
import { useSystem } from "../../lib/system.tsx";
import { useNow } from "../../lib/use-now.ts";
import { visibleText } from "../../lib/visible-text.ts";
import styles from "./retention.module.css";

const LATEST = 8;
const TIERS: Readonly<Record<DrillTier, string>> = { snapshot: "Snapshots", continuous: "Continuous range" };

interface DrillHistoryProps {
  readonly cluster: Cluster;
  readonly view: ClusterView;
}

export function DrillHistory({ cluster, view }: DrillHistoryProps) {
  const { ledger } = useSystem();
  const now = useNow(60_000);
  const records = drillHistory(cluster, ledger.value?.verdict.entries ?? [], view, now);
  return (
    <Section title="Drills">
      <div className={styles.tiers}>
        {records.map((each) => (
          <Tier key={each.tier} record={each} />
        ))}
      </div>
    </Section>
  );
}

function Tier({ record }: { readonly record: TierRecord }) {
  const { tier, drills, lastPassed, targets, rpoNowMs } = record;
  const name = TIERS[tier];
  return (
    <div>
      <h3>{name}</h3>
      <Facts
        facts={[
          { name: "RTO", value: beside(lastPassed?.rtoMs ?? null, targets.rtoMs, "not measured: no drill has passed") },
          { name: "RPO now", value: beside(rpoNowMs, targets.rpoMs, "unknown: there is no such point") },
          { name: "Last proven", value: lastPassed === null ? "never" : <Instant at={lastPassed.at} relative /> },
        ]}
      />
      {drills.length === 0 ? (
        <p>No drill yet. One is due a week after the first snapshot, or run drill.yml.</p>
      ) : (
        <ul className={styles.drills} aria-label={`Drills of ${name}`}>
          {drills.slice(0, LATEST).map((each) => (
            <li key={each.requestId}>
              <Instant at={each.at} /> <DrillText drill={each} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function beside(measured: number | null, target: number, without: string): string {
  if (measured === null) return `${without}; target ${showDuration(target)}`;
  return `${showDuration(measured)}; target ${showDuration(target)}, ${measured <= target ? "met" : "missed"}`;
}

function DrillText({ drill }: { readonly drill: Drill }) {
  const { result, rtoMs, rpoMs, problem } = drill;
  return (
    <>
      <strong>{result}</strong>
      {rtoMs === null ? null : `, restored in ${showDuration(rtoMs)}`}
      {rpoMs === null ? null : `, from a point ${showDuration(rpoMs)} old`}
      {problem === null ? null : `: ${visibleText(problem)}`}
    </>
  );
}

import { type Cluster, durationMs } from "@holdfast/actions/domain";
import { Facts } from "../../components/facts.tsx";
import { Instant } from "../../components/instant.tsx";
import { Section } from "../../components/section.tsx";
import { readData } from "../../lib/entry-data.ts";
import { showDuration } from "../../lib/show-instant.ts";
import { useSystem } from "../../lib/system.tsx";
import styles from "./overview.module.css";

/** How long would it take? Only what was measured counts. */
export function DurationCard({ cluster }: { readonly cluster: Cluster }) {
  const { ledger } = useSystem();
  const restores = (ledger.value?.verdict.entries ?? []).flatMap((entry) => {
    const data = readData(entry);
    if (entry.kind !== "restore.completed" || data.cluster !== cluster.id || data.durationSeconds === undefined) return [];
    return [{ at: new Date(entry.at), ms: data.durationSeconds * 1000 }];
  });
  const sorted = restores.map((each) => each.ms).toSorted((a, b) => a - b);
  const middle = sorted[Math.floor((sorted.length - 1) / 2)];
  const worst = sorted.at(-1);
  const last = restores.at(-1);
  return (
    <Section title="How long would it take?" boxed>
      {middle === undefined || worst === undefined || last === undefined ? (
        <>
          <p className={styles.figure}>
            <span className={styles.number}>unknown</span>
          </p>
          <p>No restore of {cluster.id} was measured yet, so nobody knows. Restore once to a new cluster to find out.</p>
        </>
      ) : (
        <p className={styles.figure}>
          <span className={styles.number}>{showDuration(middle)}</span> median of {sorted.length}
        </p>
      )}
      <Facts
        facts={[
          {
            name: "RTO target",
            value:
              worst === undefined
                ? cluster.objectives.rto
                : `${cluster.objectives.rto}; ${worst <= durationMs(cluster.objectives.rto) ? "held every time" : "missed at least once"}`,
          },
          ...(worst === undefined ? [] : [{ name: "Slowest", value: showDuration(worst) }]),
          ...(last === undefined ? [] : [{ name: "Last", value: <Instant at={last.at} relative /> }]),
        ]}
      />
    </Section>
  );
}

import { type Cluster, durationMs, isUsable, newestPoint } from "@holdfast/actions/domain";
import { type Fact, Facts } from "../../components/facts.tsx";
import { Instant } from "../../components/instant.tsx";
import { Loading } from "../../components/notice.tsx";
import { Section } from "../../components/section.tsx";
import { counted } from "../../lib/counted.ts";
import { showDuration } from "../../lib/show-instant.ts";
import { useCluster, useSystem } from "../../lib/system.tsx";
import { useNow } from "../../lib/use-now.ts";
import styles from "./overview.module.css";

/** Can I recover, and how much would be lost now? One line per tier, against what was promised. */
export function RecoverCard({ cluster }: { readonly cluster: Cluster }) {
  const { inventory } = useSystem();
  const { view } = useCluster();
  const now = useNow(5_000);
  return (
    <Section title="Can I recover?" boxed>
      {inventory.value === undefined ? (
        <Loading what="the inventory" />
      ) : view === null ? (
        <p>No recovery point is known.</p>
      ) : (
        <>
          <Figure age={ageOf(newestPoint(view.snapshots), now)} />
          <Facts facts={factsOf(cluster, view, now)} />
        </>
      )}
    </Section>
  );
}

function Figure({ age }: { readonly age: number | null }) {
  return (
    <p className={styles.figure}>
      <span className={styles.number}>{age === null ? "no point" : showDuration(age)}</span>
      {age === null ? null : " since the newest snapshot"}
    </p>
  );
}

function factsOf(cluster: Cluster, view: NonNullable<ReturnType<typeof useCluster>["view"]>, now: Date): Fact[] {
  const newest = newestPoint(view.snapshots);
  const objective = durationMs(cluster.objectives.rpo);
  const latest = view.latestRestorableTime === null ? null : new Date(view.latestRestorableTime);
  const due = newest === null ? null : newest.getTime() + objective - now.getTime();
  return [
    {
      name: "RPO target",
      value:
        due === null
          ? cluster.objectives.rpo
          : due >= 0
            ? `${cluster.objectives.rpo}; missed in ${showDuration(due)} without a snapshot`
            : `${cluster.objectives.rpo}; missed by ${showDuration(-due)}`,
    },
    { name: "Newest", value: newest === null ? "none" : <Instant at={newest} /> },
    { name: "Usable", value: counted(view.snapshots.filter(isUsable).length, "snapshot") },
    {
      name: "Continuous",
      value:
        latest === null ? (
          "no continuous range"
        ) : (
          <>
            up to <Instant at={latest} relative />
          </>
        ),
    },
  ];
}

function ageOf(at: Date | null, now: Date): number | null {
  return at === null ? null : now.getTime() - at.getTime();
}

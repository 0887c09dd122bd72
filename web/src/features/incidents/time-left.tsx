import { type ClusterView, formatDuration, whyDeletionStops } from "@holdfast/actions/domain";
import { type Fact, Facts } from "../../components/facts.tsx";
import { Instant } from "../../components/instant.tsx";
import { Section } from "../../components/section.tsx";
import { type LastCleanPoint, lastCleanPoint } from "../../lib/last-clean-point.ts";
import { useSystem } from "../../lib/system.tsx";
import { useRetention } from "../../lib/use-retention.ts";
import { visibleText } from "../../lib/visible-text.ts";

interface TimeLeftProps {
  readonly view: ClusterView;
  /** When the damage began, as far as the logs tell. */
  readonly damage: Date;
}

/** How long the last clean points will still be there. */
export function TimeLeft({ view, damage }: TimeLeftProps) {
  const { ledger } = useSystem();
  const retention = useRetention(view);
  if (retention === null) return null;
  const { config, snapshots, now } = retention;
  const kept = { snapshots, policy: config.retention, cadence: config.schedule.snapshot };
  const point = lastCleanPoint(view, kept, damage, now);
  const stop = whyDeletionStops(view.id, ledger.value?.verdict.entries ?? [], now);
  return (
    <Section title="Time left to go back">
      <Facts
        facts={[
          { name: "To the second before", value: rangeWords(point.range) },
          ...snapshotFacts(point.snapshot),
          ...(stop === null ? [] : [{ name: "Deletion", value: `Nothing is deleted by rule now. ${visibleText(stop)}` }]),
        ]}
      />
    </Section>
  );
}

function rangeWords(range: LastCleanPoint["range"]) {
  if (range === null) return "AWS gives no continuous range.";
  const { from, atLeastMs } = range;
  return (
    <>
      {atLeastMs > 0 ? `for ${formatDuration(atLeastMs)} at least` : "out of reach already"}; the continuous range begins{" "}
      <Instant at={from} />
    </>
  );
}

function snapshotFacts(snapshot: LastCleanPoint["snapshot"]): readonly Fact[] {
  if (snapshot === null) return [{ name: "Last snapshot before", value: "none" }];
  const { id, takenAt, leaves } = snapshot;
  return [
    {
      name: "Last snapshot before",
      value: (
        <>
          <code>{visibleText(id)}</code>, taken <Instant at={takenAt} relative />
        </>
      ),
    },
    {
      name: "Its rules keep it until",
      value: leaves === null ? "more than a year from now" : <Instant at={leaves} relative />,
    },
  ];
}

import { type Cluster, isInside, newestPoint } from "@holdfast/actions/domain";
import { type Fact, Facts } from "../../components/facts.tsx";
import { Instant } from "../../components/instant.tsx";
import { stateWord } from "../../components/state-badge.tsx";
import { useCluster, useSystem } from "../../lib/system.tsx";
import { useNow } from "../../lib/use-now.ts";
import { visibleText } from "../../lib/visible-text.ts";

// A window opens and closes on the minute.
const TICK_MS = 15_000;

/** What somebody who decides about a migration wants to know besides the migration: the state, the window, the last snapshot, the last drill. */
export function Circumstances({ cluster }: { readonly cluster: Cluster }) {
  const { config, ledger, stateOf } = useSystem();
  const { view } = useCluster();
  const now = useNow(TICK_MS);
  const state = stateOf(cluster);
  const windows = config.value?.maintenance ?? [];
  const snapshot = view === null ? null : newestPoint(view.snapshots);
  const drill = ledger.value?.verdict.entries.findLast(
    (entry) => entry.data.cluster === cluster.id && (entry.kind === "drill.completed" || entry.kind === "drill.failed"),
  );
  const facts: readonly Fact[] = [
    {
      name: "State",
      value:
        state === null
          ? "not known yet"
          : `${stateWord(state.word)}${state.reasons[0] === undefined ? "" : `: ${visibleText(state.reasons[0].sentence)}`}`,
    },
    {
      name: "Maintenance window",
      value:
        windows.length === 0
          ? "none is agreed on, so any time will do"
          : windows.some((each) => isInside(each, now.getTime()))
            ? "open now"
            : "closed now; applying is refused unless an override is in force",
    },
    { name: "Last snapshot", value: snapshot === null ? "none" : <Instant at={snapshot} relative /> },
    {
      name: "Last drill",
      value:
        drill === undefined ? (
          "none"
        ) : (
          <>
            {drill.kind === "drill.completed" ? "passed" : "failed"} <Instant at={new Date(drill.at)} relative />
          </>
        ),
    },
  ];
  return <Facts facts={facts} />;
}

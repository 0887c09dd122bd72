import { type ClusterView, choosePoint, type RecoveryPoint } from "@holdfast/actions/domain";
import type { Fact } from "../../components/facts.tsx";
import { GateLine } from "../../components/gate-line.tsx";
import { Instant } from "../../components/instant.tsx";
import { ReviewSection } from "../../components/review-section.tsx";
import { readData } from "../../lib/entry-data.ts";
import { type CheckedRestore, RESTORE_FIELDS } from "../../lib/restore-draft.ts";
import { showDuration } from "../../lib/show-instant.ts";
import { expectedOf } from "../../lib/step-times.ts";
import { useSystem } from "../../lib/system.tsx";

interface ReviewProps {
  readonly view: ClusterView;
  readonly checked: CheckedRestore;
  readonly point: RecoveryPoint | null;
  readonly target: string;
  readonly now: Date;
}

export function Review({ view, checked, point, target, now }: ReviewProps) {
  const request = checked.ok ? checked.request : null;
  const shown = request ?? { cluster: view.id, target, point };
  const verdict = shown.point === null ? null : choosePoint(view, shown.point, now);
  const choice = verdict?.ok ? verdict.choice : null;
  const facts: readonly Fact[] = [
    {
      name: "Will happen",
      value: (
        <>
          A new cluster <code>{shown.target}</code> is made from <Point point={shown.point} />, proven reachable, checked, and its duration
          recorded. It costs until somebody removes it.
        </>
      ),
    },
    {
      name: "Will not change",
      value: (
        <>
          <code>{shown.cluster}</code> keeps running untouched, with all its data. No application is moved.
        </>
      ),
    },
    {
      name: "New cluster holds",
      value:
        choice === null ? (
          "choose a point first"
        ) : (
          <>
            everything up to <Instant at={choice.at} relative />
          </>
        ),
    },
    {
      name: "It will lack",
      value:
        choice === null
          ? "choose a point first"
          : `everything written in the ${showDuration(choice.losesMs)} since; ${view.id} still has that`,
    },
    { name: "How to undo", value: "Delete the new cluster. Nothing else was changed." },
    { name: "Who must agree", value: <GateLine environment="restore" /> },
    { name: "How long", value: <Duration cluster={view.id} /> },
    ...(request?.sample === undefined ? [] : [{ name: "Accepted only where", value: <code>{request.sample}</code> }]),
  ];
  return <ReviewSection facts={facts} checked={checked} fields={RESTORE_FIELDS} />;
}

function Point({ point }: { readonly point: RecoveryPoint | null }) {
  if (point === null) return <>the point you choose</>;
  if (point.kind === "time") return <Instant at={point.time} />;
  return (
    <>
      snapshot <code>{point.snapshot}</code>
    </>
  );
}

function Duration({ cluster }: { readonly cluster: string }) {
  const { ledger } = useSystem();
  const durations = (ledger.value?.verdict.entries ?? []).flatMap((entry) => {
    const data = readData(entry);
    return entry.kind === "restore.completed" && data.cluster === cluster && data.durationSeconds !== undefined
      ? [data.durationSeconds * 1000]
      : [];
  });
  const expected = expectedOf(durations);
  if (expected === null) return <>no history yet</>;
  return (
    <>
      {showDuration(expected.medianMs)} (median of {expected.n}; 9 of 10 within {showDuration(expected.p90Ms)})
    </>
  );
}

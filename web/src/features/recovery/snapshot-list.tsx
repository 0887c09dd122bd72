import { isUsable, type RetentionPlan, type SnapshotView } from "@holdfast/actions/domain";
import { useState } from "react";
import { Button } from "../../components/button.tsx";
import { CopyButton } from "../../components/copy-button.tsx";
import { Instant } from "../../components/instant.tsx";
import { LinkButton } from "../../components/link-button.tsx";
import { Section } from "../../components/section.tsx";
import { useCluster } from "../../lib/system.tsx";
import { visibleText } from "../../lib/visible-text.ts";
import type { WorkView } from "../../lib/work.ts";
import { HoldSnapshot } from "./hold-snapshot.tsx";
import styles from "./recovery.module.css";

const PAGE = 20;

interface SnapshotListProps {
  readonly snapshots: readonly SnapshotView[];
  /** What retention would decide now; null until that is known. */
  readonly plan: RetentionPlan | null;
}

export function SnapshotList({ snapshots, plan }: SnapshotListProps) {
  const { work } = useCluster();
  const [shown, setShown] = useState(PAGE);
  const ordered = newestFirst(snapshots);
  return (
    <Section title={`Snapshots (${snapshots.length})`}>
      {ordered.length === 0 ? (
        <p>There is no snapshot yet. Take one: until then nothing but the continuous range can be gone back to.</p>
      ) : (
        <ul className={styles.list} aria-label="Snapshots">
          {ordered.slice(0, shown).map((each) => (
            <SnapshotRow
              key={each.id}
              snapshot={each}
              made={work.find((view) => view.requestId === each.requestId) ?? null}
              fate={plan === null ? null : fateOf(each.id, plan)}
            />
          ))}
        </ul>
      )}
      {ordered.length > shown ? (
        <div>
          <Button onClick={() => setShown(shown + PAGE)}>Show {Math.min(PAGE, ordered.length - shown)} older</Button>
        </div>
      ) : null}
    </Section>
  );
}

interface SnapshotRowProps {
  readonly snapshot: SnapshotView;
  /** The work that took it, as the ledger has it. */
  readonly made: WorkView | null;
  /** Whether and why it stays. */
  readonly fate: string | null;
}

function SnapshotRow({ snapshot, made, fate }: SnapshotRowProps) {
  return (
    <li className={styles.snapshot}>
      <div className={styles.when}>
        {snapshot.takenAt === null ? <strong>{snapshot.status}</strong> : <Instant at={new Date(snapshot.takenAt)} relative />}
        <span className={styles.trigger}>{snapshot.trigger ?? (snapshot.automated ? "automatic by AWS" : "not made by Holdfast")}</span>
        {snapshot.takenAt !== null && snapshot.status !== "available" ? <strong>{snapshot.status}</strong> : null}
      </div>
      <div className={styles.id}>
        <code>{snapshot.id}</code>
        <CopyButton text={snapshot.id} label={`Copy ${snapshot.id}`} iconOnly />
      </div>
      <p className={styles.soft}>
        {snapshot.appVersion === null || snapshot.appVersion === "unknown"
          ? "Application version unknown"
          : `Application ${visibleText(snapshot.appVersion)}`}
        {made === null ? null : ` · ${visibleText(made.actor)}${made.reason === null ? "" : `: ${visibleText(made.reason)}`}`}
        {fate === null ? null : <span className={styles.fate}>{visibleText(fate)}</span>}
      </p>
      <div className={styles.rowAction}>
        <HoldSnapshot snapshot={snapshot} />
        {isUsable(snapshot) ? (
          <LinkButton to={`/recover/${encodeURIComponent(snapshot.id)}`} label={`Restore ${snapshot.id}…`}>
            Restore…
          </LinkButton>
        ) : null}
      </div>
    </li>
  );
}

function fateOf(id: string, { verdicts, deletions }: RetentionPlan): string | null {
  const deletion = deletions.find((each) => each.id === id);
  if (deletion !== undefined) return `Goes: ${deletion.why}; ${deletion.waits ?? "with the next run of retention"}.`;
  const verdict = verdicts.find((each) => each.id === id);
  return verdict === undefined ? null : `${verdict.keep ? "Stays" : "Goes"}: ${verdict.reasons.join("; ")}.`;
}

/** Those still being made come first: they are the newest. */
function newestFirst(snapshots: readonly SnapshotView[]): readonly SnapshotView[] {
  const time = (each: SnapshotView) => (each.takenAt === null ? Number.POSITIVE_INFINITY : Date.parse(each.takenAt));
  return snapshots.toSorted((a, b) => (time(a) === time(b) ? 0 : time(b) - time(a)));
}

import { type CutOverRequest, keptName } from "@holdfast/actions/domain";
import type { Fact } from "../../components/facts.tsx";
import { GateLine } from "../../components/gate-line.tsx";
import { Instant } from "../../components/instant.tsx";
import { ReviewSection } from "../../components/review-section.tsx";
import { type CheckedCutOver, CUT_OVER_FIELDS } from "../../lib/cut-over-draft.ts";
import type { RecoveryMoment } from "../../lib/recovery-moment.ts";
import { showDuration } from "../../lib/show-instant.ts";
import { visibleText } from "../../lib/visible-text.ts";
import styles from "./cut-over.module.css";

interface CutOverReviewProps {
  readonly checked: CheckedCutOver;
  readonly asked: Pick<CutOverRequest, "cluster" | "restored" | "requestId">;
  readonly moment: RecoveryMoment | null;
  readonly now: Date;
}

export function CutOverReview({ checked, asked, moment, now }: CutOverReviewProps) {
  const { cluster, restored, requestId } = checked.ok ? checked.request : asked;
  const kept = keptName({ cluster, requestId });
  const facts: readonly Fact[] = [
    {
      name: "Will happen",
      value: (
        <ol className={styles.steps}>
          <li>
            Once a first decision lets it: <code>{restored}</code> gets the security groups, parameter group, IAM authentication, deletion
            protection and tags of <code>{cluster}</code>.
          </li>
          <li>
            Once a second decision lets it: <code>{cluster}</code> is renamed to <code>{kept}</code> and protected from deletion.
          </li>
          <li>
            <code>{restored}</code> is renamed to <code>{cluster}</code>. Between the two renames nothing has the name, for a minute or two.
          </li>
          <li>Our tags are taken off it, so that no role of ours may delete what serves.</li>
        </ol>
      ),
    },
    { name: "Will be missing", value: <Missing cluster={cluster} kept={kept} moment={moment} now={now} /> },
    { name: "Will not change", value: "No data are written and nothing is deleted. The old cluster keeps everything it has, and costs." },
    {
      name: "How to undo",
      value: (
        <>
          Rename <code>{cluster}</code> away and <code>{kept}</code> back; the run's page has the commands. What was written to the new one
          meanwhile is then missing in the old one.
        </>
      ),
    },
    { name: "Who must agree", value: <GateLine environment="cut-over" /> },
  ];
  return <ReviewSection facts={facts} checked={checked} fields={CUT_OVER_FIELDS} />;
}

interface MissingProps {
  readonly cluster: string;
  readonly kept: string;
  readonly moment: RecoveryMoment | null;
  readonly now: Date;
}

/** The good writes that stay behind in the old cluster. */
function Missing({ cluster, kept, moment, now }: MissingProps) {
  if (moment === null) return <>what was written to {cluster} since the recovery point, which the ledger does not tell</>;
  if (moment.at === null) {
    const name = "snapshot" in moment.point ? moment.point.snapshot : "";
    return (
      <>
        what was written to {cluster} since the snapshot <code>{visibleText(name)}</code>, whose time the inventory no longer knows;{" "}
        <code>{kept}</code> still has it
      </>
    );
  }
  return (
    <>
      everything written to {cluster} in the {showDuration(now.getTime() - moment.at.getTime())} since <Instant at={moment.at} />, and until
      its writes are stopped; <code>{kept}</code> still has it
    </>
  );
}

import type { RewindMode } from "@holdfast/actions/domain";
import type { Fact } from "../../components/facts.tsx";
import { GateLine } from "../../components/gate-line.tsx";
import { Instant } from "../../components/instant.tsx";
import { ReviewSection } from "../../components/review-section.tsx";
import { type CheckedRewind, REWIND_FIELDS } from "../../lib/rewind-draft.ts";

interface RewindReviewProps {
  readonly cluster: string;
  readonly mode: RewindMode;
  readonly checked: CheckedRewind;
}

const COMPARED = "Two scratch clusters are restored, from right before and right after the damage, and compared with the live tables.";

export function RewindReview({ cluster, mode, checked }: RewindReviewProps) {
  const request = checked.ok ? checked.request : null;
  const facts: readonly Fact[] = [
    {
      name: "Will happen",
      value:
        mode === "plan"
          ? `${COMPARED} The plan says which rows and columns would change. Then they are removed.`
          : `${COMPARED} The plan then waits for the approver. Once approved: a safety snapshot, then the damaged rows get their old values back in one transaction, each only if nobody has written to it since, and are verified.`,
    },
    {
      name: "Will not change",
      value:
        mode === "plan"
          ? `Nothing is written to ${cluster}.`
          : `Rows and columns of ${cluster} that the damage did not write, and whatever was written since.`,
    },
    {
      name: "How to undo",
      value: mode === "plan" ? "Nothing to undo." : "The safety snapshot from right before it can be restored to a new cluster.",
    },
    ...(mode === "plan" ? [] : [{ name: "Who must agree", value: <GateLine environment="rewind" /> }]),
    ...(request === null
      ? []
      : [
          { name: "Tables", value: <code>{request.tables.join(", ")}</code> },
          {
            name: "Damage",
            value: (
              <>
                <Instant at={request.from} /> to <Instant at={request.to} />, give or take {request.hints.skew}
              </>
            ),
          },
        ]),
  ];
  return <ReviewSection facts={facts} checked={checked} fields={REWIND_FIELDS} />;
}

import type { RewindMode, RewindRequest } from "@holdfast/actions/domain";
import { type Fact, Facts } from "../../components/facts.tsx";
import { GateLine } from "../../components/gate-line.tsx";
import { Instant } from "../../components/instant.tsx";
import { Section } from "../../components/section.tsx";
import { DRAFT_FIELDS, type RewindProblems } from "../../lib/rewind-draft.ts";
import styles from "./rewind.module.css";

interface RewindReviewProps {
  readonly cluster: string;
  readonly mode: RewindMode;
  /** Exactly what will be sent, once the form is complete. */
  readonly request: RewindRequest | null;
  readonly problems: RewindProblems;
}

export function RewindReview({ cluster, mode, request, problems }: RewindReviewProps) {
  const facts: Fact[] = [
    {
      name: "Will happen",
      value:
        mode === "plan"
          ? "Two scratch clusters are restored, from right before and right after the damage, and compared with the live tables. The plan says which rows and columns would change. Then they are removed."
          : "The same, and then the plan waits for the approver. Once approved: a safety snapshot, then the damaged rows get their old values back in one transaction, each only if nobody has written to it since, and are verified.",
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
          { name: "Reason", value: request.reason },
          ...(request.incident === undefined ? [] : [{ name: "Incident", value: request.incident }]),
          { name: "Request", value: <code>{request.requestId}</code> },
        ]),
  ];
  return (
    <Section title="Review" boxed>
      <Facts facts={facts} />
      {request !== null ? (
        <p>This is what will be sent.</p>
      ) : (
        <div className={styles.lacking}>
          <p>Before it can be sent:</p>
          <ul>
            {DRAFT_FIELDS.map(({ name, label }) =>
              problems[name] === undefined ? null : (
                <li key={name}>
                  {label}: {problems[name]}
                </li>
              ),
            )}
          </ul>
        </div>
      )}
    </Section>
  );
}

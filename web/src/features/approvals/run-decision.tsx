import { useQuery } from "@tanstack/react-query";
import { Section } from "../../components/section.tsx";
import { reviewsIn } from "../../lib/reviews-in.ts";
import { useSystem } from "../../lib/system.tsx";
import { visibleText } from "../../lib/visible-text.ts";
import type { WorkView } from "../../lib/work.ts";
import styles from "./approvals.module.css";
import { ReviewCard } from "./review-card.tsx";

/** On the screen of one run: the decision it waits for, and those that were made. */
export function RunDecision({ view }: { readonly view: WorkView }) {
  const { session } = useSystem();
  const runId = view.run?.id ?? 0;
  const reviews = useQuery({
    // A decision changes the state, and a new state asks again.
    queryKey: ["reviews", runId, view.state],
    queryFn: () => session.github.reviews(runId),
    enabled: view.run !== null,
  });
  // GitHub forgets a run after some months; what it said of the reviewers is in the ledger.
  const given = reviews.data ?? reviewsIn(view.entries);
  if (view.state !== "waiting" && given.length === 0) return null;
  return (
    <Section title={view.state === "waiting" ? "Waiting for a decision" : "Decision"}>
      {view.state === "waiting" ? <ReviewCard view={view} /> : null}
      {given.length === 0 ? null : (
        <ul className={styles.history} aria-label="Decisions">
          {given.map(({ decision, login, comment }, index) => (
            // Reviews have no id of their own and never change places.
            // biome-ignore lint/suspicious/noArrayIndexKey: see above
            <li key={index}>
              {decision === "approved" ? "Approved" : "Rejected"} by {visibleText(login)}
              {comment === "" ? null : `: ${visibleText(comment)}`}
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

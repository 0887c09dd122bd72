/** What waits for a person, with everything needed to decide it. GitHub says who may; the page only asks and shows. */

import { GateLine } from "../../components/gate-line.tsx";
import { Empty } from "../../components/notice.tsx";
import { Section } from "../../components/section.tsx";
import { useSystem } from "../../lib/system.tsx";
import styles from "./approvals.module.css";
import { ReviewCard } from "./review-card.tsx";

export function PendingReviews() {
  const { work } = useSystem();
  const waiting = work.filter((each) => each.state === "waiting");
  return (
    <Section title="Waiting for a decision">
      {waiting.length === 0 ? (
        <Empty title="Nothing waits for a decision">
          <p>
            Restores: <GateLine environment="restore" />
          </p>
        </Empty>
      ) : (
        <>
          <ul className={styles.pending}>
            {waiting.map((view) => (
              <li key={view.requestId}>
                <ReviewCard view={view} linked />
              </li>
            ))}
          </ul>
          <p className={styles.gate}>
            Restores: <GateLine environment="restore" />
          </p>
        </>
      )}
    </Section>
  );
}

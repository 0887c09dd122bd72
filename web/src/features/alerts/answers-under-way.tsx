import { Section } from "../../components/section.tsx";
import { WorkSummary } from "../../components/work-summary.tsx";
import { useSystem } from "../../lib/system.tsx";
import { useNow } from "../../lib/use-now.ts";
import { isActive, type WorkView } from "../../lib/work.ts";
import styles from "./alerts.module.css";

// An answer that did not come to stand is told about for a day; the ledger keeps it.
const TOLD_MS = 24 * 3_600_000;

/** Answers that are on their way, and those that did not come to stand; of one alert where `about` names it. */
export function AnswersUnderWay({ about }: { readonly about?: string }) {
  const { work, sent } = useSystem();
  const now = useNow(10_000);
  const concerns = (view: WorkView) => view.work === "respond" && (about === undefined || view.target === about || view.incident === about);
  const unlisted = sent.filter((each) => each.work === "respond" && !work.some((view) => view.requestId === each.requestId));
  const waiting = unlisted.filter((each) => about === undefined || each.lane.endsWith(` ${about}`));
  const views = work.filter(
    (view) => concerns(view) && (isActive(view) || (view.state !== "completed" && now.getTime() - view.askedAt.getTime() < TOLD_MS)),
  );
  if (views.length === 0 && waiting.length === 0) return null;
  return (
    <Section title="Answers not recorded yet">
      {waiting.map((each) => (
        <p key={each.requestId} className={styles.soft}>
          {each.title}: sent, waiting for GitHub to list it.
        </p>
      ))}
      {views.length === 0 ? null : (
        <ul aria-label="Answers not recorded yet">
          {views.map((view) => (
            <WorkSummary key={view.requestId} view={view} />
          ))}
        </ul>
      )}
    </Section>
  );
}

import { type AlertView, describeMatcher, type Matcher, matches, type SuppressionKind } from "@holdfast/actions/domain";
import { type Fact, Facts } from "../../components/facts.tsx";
import { GateLine } from "../../components/gate-line.tsx";
import { Instant } from "../../components/instant.tsx";
import { Section } from "../../components/section.tsx";
import { needsSomebody } from "../../lib/alert-words.ts";
import type { CheckedAnswer } from "../../lib/answer-draft.ts";
import { useAlerts } from "../../lib/use-alerts.ts";
import { visibleText } from "../../lib/visible-text.ts";

interface SuppressReviewProps {
  readonly kind: SuppressionKind;
  readonly checked: CheckedAnswer;
  readonly now: Date;
}

const DAY_MS = 24 * 3_600_000;

/** What would be hidden and what not, from the response that will be sent. */
export function SuppressReview({ kind, checked, now }: SuppressReviewProps) {
  const alerts = useAlerts()?.alerts ?? [];
  if (!checked.ok || !("matcher" in checked.response)) return null;
  const { matcher, until } = checked.response;
  const facts: readonly Fact[] = [
    { name: "Will hide", value: `alerts with ${visibleText(describeMatcher(matcher))}: they are recorded, and nobody is told` },
    { name: "Until", value: <Instant at={until} relative /> },
    { name: "Matches", value: preview(matcher, alerts, now) },
    { name: "Will not", value: "stop detection, or hide anything after its end. Then it presents its bill." },
    { name: "How to undo", value: `End the ${kind} on the alerts screen at any time.` },
    ...(kind === "override" ? [{ name: "Must agree", value: <GateLine environment="override" /> }] : []),
  ];
  return (
    <Section title="Review: this is what will be sent" boxed>
      <Facts facts={facts} />
    </Section>
  );
}

function preview(matcher: Matcher, alerts: readonly AlertView[], now: Date): string {
  const matching = alerts.filter(({ alert }) => matches(matcher, alert));
  const lately = matching.filter(({ alert }) => now.getTime() - Date.parse(alert.openedAt) < DAY_MS).length;
  const open = matching.filter(needsSomebody).length;
  return `${lately} of the alerts of the last 24 h, ${open} of those that need somebody now`;
}

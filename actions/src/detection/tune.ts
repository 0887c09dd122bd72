/** What other thresholds would have made of the same events: one replay, every choice beside the others, and a proposal with its reason. */
import type { Alert } from "../domain/index.ts";
import { createDetector, type DetectorOptions } from "./detector.ts";
import type { Event } from "./event.ts";
import type { Rule } from "./rule.ts";

export interface Raised {
  readonly openedAt: string;
  readonly endedAt: string | null;
  readonly key: string;
  readonly count: number;
  readonly source: string;
  readonly line: number;
}

export interface Choice {
  readonly threshold: number;
  readonly alerts: number;
  /** The first of them. */
  readonly raised: readonly Raised[];
}

export interface Proposal {
  readonly rule: string;
  readonly within: string;
  readonly current: number;
  readonly proposed: number;
  readonly reason: string;
  /** From the first event to the last. */
  readonly days: number;
  /** Events left out of some choice because there were more keys than are kept. */
  readonly dropped: number;
  readonly choices: readonly Choice[];
}

export interface Tuner {
  readonly take: (events: readonly Event[], now?: number) => void;
  /** One proposal a rule that has a threshold to choose. */
  readonly finish: () => readonly Proposal[];
}

// From half of what is set to fifty times of it: below that everything alerts, above it nothing would.
const FACTORS = [0.5, 1, 1.5, 2, 3, 5, 8, 12, 20, 50];
const SHOWN_ALERTS = 50;
const DAY_MS = 86_400_000;
// More than this and people stop reading them.
const BEARABLE_A_WEEK = 1;

export function openTuner(rules: readonly Rule[], options: DetectorOptions): Tuner {
  // A threshold of one is a rule about what happened, not about how often.
  const tunable = rules.filter((rule) => rule.threshold > 1);
  const variants = tunable.flatMap((rule) =>
    ladder(rule.threshold).map((threshold) => ({ ...rule, id: nameOf(rule, threshold), threshold })),
  );
  // All choices together keep as much as one detector may.
  const detector = createDetector(variants, { ...options, maxKeys: Math.ceil(options.maxKeys / FACTORS.length) });
  const raised = new Map<string, Raised[]>();
  const alerts = new Map<string, number>();
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;

  const note = (transitions: readonly Alert[]): void => {
    for (const alert of transitions) {
      if (alert.transition !== "ended" || alert.withdrawn !== undefined || alert.hiddenBy !== null) continue;
      alerts.set(alert.rule, (alerts.get(alert.rule) ?? 0) + 1);
      const list = raised.get(alert.rule) ?? [];
      if (list.length < SHOWN_ALERTS) raised.set(alert.rule, [...list, shorter(alert)]);
    }
  };

  return {
    take(events, now) {
      for (const { at } of events) {
        if (at === null) continue;
        first = Math.min(first, at);
        last = Math.max(last, at);
      }
      note(detector.push(events, now));
    },
    finish() {
      note(detector.advance(Number.MAX_SAFE_INTEGER));
      const { dropped } = detector.counts();
      const days = last < first ? 0 : (last - first) / DAY_MS;
      return tunable.map((rule) => {
        const choices = ladder(rule.threshold).map((threshold) => ({
          threshold,
          alerts: alerts.get(nameOf(rule, threshold)) ?? 0,
          raised: raised.get(nameOf(rule, threshold)) ?? [],
        }));
        const lost = choices.reduce((sum, { threshold }) => sum + (dropped[nameOf(rule, threshold)] ?? 0), 0);
        return {
          rule: rule.id,
          within: rule.within,
          current: rule.threshold,
          ...propose(rule, choices, days),
          days,
          dropped: lost,
          choices,
        };
      });
    },
  };
}

/** Never below what is set: fewer alerts in the past are no reason to be told less of the future. */
function propose(rule: Rule, choices: readonly Choice[], days: number): Pick<Proposal, "proposed" | "reason"> {
  const bearable = Math.max(1, Math.floor((days / 7) * BEARABLE_A_WEEK));
  const now = choices.find((choice) => choice.threshold === rule.threshold);
  const span = `${days.toFixed(1)} days`;
  if (now === undefined || now.alerts <= bearable)
    return { proposed: rule.threshold, reason: `${rule.threshold} raises ${now?.alerts ?? 0} alerts in ${span}; keep it` };
  const enough = choices.find((choice) => choice.threshold > rule.threshold && choice.alerts <= bearable);
  if (enough === undefined)
    return {
      proposed: rule.threshold,
      reason: `${rule.threshold} raises ${now.alerts} alerts in ${span}, and no choice up to ${choices.at(-1)?.threshold ?? rule.threshold} makes them few: look at what is counted`,
    };
  return {
    proposed: enough.threshold,
    reason: `${rule.threshold} raises ${now.alerts} alerts in ${span}, ${enough.threshold} raises ${enough.alerts}; right only if those between were harmless`,
  };
}

function ladder(threshold: number): readonly number[] {
  return [...new Set(FACTORS.map((factor) => Math.max(2, Math.ceil(threshold * factor))))];
}

function nameOf(rule: Rule, threshold: number): string {
  return `${rule.id}@${threshold}`;
}

function shorter({ openedAt, endedAt, key, count, source, line }: Alert): Raised {
  return { openedAt, endedAt, key, count, source, line };
}

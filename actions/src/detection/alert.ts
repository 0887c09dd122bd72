import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import type { Alert } from "../domain/index.ts";
import type { Rule } from "./rule.ts";
import { type LiveAlert, type Series, SHOWN_LINES } from "./series.ts";
import { type Episode, type Occurrence, weightBetween } from "./window.ts";

/** Where the events come from, and how their text is made fit to be shown. */
export interface Place {
  readonly app: string | null;
  readonly cluster: string | null;
  /** Redacts, makes visible and shortens; doing it twice changes nothing. */
  readonly show: (text: string) => string;
  /**
   * What stands for a key where nobody may find an account or address again: its keyed hash, or null where it has none. Matchers of what people
   * declared hold that, too. Absent: the key itself.
   */
  readonly discreet?: (key: string) => string | null;
}

/** The key as matchers hold it. */
export function matchableKey({ discreet }: Place, key: string): string {
  return discreet === undefined ? key : (discreet(key) ?? "");
}

/**
 * At one instant one rule can open one alert for one key, so that instant names the opening event whatever order equal stamps came in. Where
 * nothing may stand for the key, the crossing line does: an id that the key alone decided could be tried out.
 */
export function alertId(rule: Rule, place: Place, key: string, { openedAt, crossing }: Episode): string {
  const shown = place.discreet === undefined ? key : (place.discreet(key) ?? [crossing.source, crossing.line]);
  const digest = bytesToHex(sha256(utf8ToBytes(JSON.stringify([rule.id, place.app, shown, openedAt]))));
  return `${rule.id}-${digest.slice(0, 16)}`;
}

export function describeAlert(transition: Alert["transition"], rule: Rule, place: Place, series: Series, live: LiveAlert): Alert {
  const { openedAt, firstAt, lastAt, end, crossing } = live.episode;
  live.excerpt = excerptOf(series, live, place);
  return {
    v: 1,
    id: live.id,
    transition,
    rule: rule.id,
    severity: rule.severity,
    app: place.app,
    cluster: place.cluster,
    key: series.key,
    openedAt: instant(openedAt),
    firstEventAt: instant(firstAt),
    lastEventAt: instant(lastAt),
    endedAt: transition === "ended" ? instant(end) : null,
    count: live.forgotten + weightBetween(series.occurrences, firstAt, lastAt),
    threshold: rule.threshold,
    within: rule.within,
    source: place.show(crossing.source),
    line: crossing.line,
    excerpt: [...live.excerpt],
    hiddenBy: live.hiddenBy,
  };
}

/** The newest lines of the episode; the ones shown before where it has none of its own any more. */
function excerptOf(series: Series, { episode, excerpt }: LiveAlert, { show }: Place): readonly string[] {
  const lines: string[] = [];
  for (let index = series.occurrences.length - 1; index >= 0 && lines.length < SHOWN_LINES; index--) {
    const each = series.occurrences[index];
    if (each === undefined || each.at < episode.firstAt) break;
    if (each.at <= episode.lastAt && each.text !== null) lines.unshift(showText(each, each.text, show));
  }
  return lines.length === 0 ? excerpt : lines;
}

/** Redacting costs more than everything else: once a line, and only a line that is looked at or leaves the process. */
export function showText(occurrence: Occurrence, text: string, show: (text: string) => string): string {
  if (occurrence.shown) return text;
  occurrence.text = show(text);
  occurrence.shown = true;
  return occurrence.text;
}

function instant(ms: number): string {
  return new Date(ms).toISOString();
}

/** The occurrences that one rule keeps for one key, and the alerts they hold open. */
import {
  comesBefore,
  condense,
  type Episode,
  endOf,
  extendTail,
  findEpisodes,
  firstInside,
  type Measure,
  type Occurrence,
  placeFor,
  type Tail,
} from "./window.ts";

/** An alert that was told and has not ended. */
export interface LiveAlert {
  readonly id: string;
  /** The opening that its id was made from; late lines may move the episode's own opening before it. */
  readonly anchor: number;
  episode: Episode;
  hiddenBy: string | null;
  /** Event time of the last word about it. */
  toldAt: number;
  /** The weight of occurrences that are in the episode and no longer kept. */
  forgotten: number;
  /** Lines shown last, for the day its own are forgotten. */
  excerpt: readonly string[];
  over: boolean;
}

export interface Series extends Tail {
  readonly key: string;
  /** The override whose occurrences these are; null for those that count in the open. */
  readonly hiddenBy: string | null;
  occurrences: Occurrence[];
  live: readonly LiveAlert[];
  /** The length at which to condense next. */
  limit: number;
}

// A window below this length costs less than looking for what could be left out of it.
const SMALL = 32;
// What an alert shows; older occurrences keep their time and weight only.
export const SHOWN_LINES = 5;

// Shared, because a flood makes a hundred thousand series of one occurrence each; whoever has more replaces it.
const NONE: never[] = [];

export function emptySeries(key: string, hiddenBy: string | null): Series {
  return { key, hiddenBy, occurrences: NONE, start: 0, weight: 0, live: NONE, limit: SMALL };
}

/** Finds the tail again after occurrences left or came between. */
export function resetTail(series: Series, { threshold }: Measure): void {
  series.start = 0;
  series.weight = 0;
  for (let index = 0; index < series.occurrences.length; index++) extendTail(series, series.occurrences, index, threshold);
}

/** What an occurrence changed: nothing that is told; the newest alert goes on; a new episode begins; or episodes must be found anew. */
export type Change = "none" | "extended" | "opened" | "reordered";

/** Takes one occurrence in. For "opened", `openingOf` says what began. */
export function addOccurrence(series: Series, occurrence: Occurrence, measure: Measure): Change {
  const { occurrences } = series;
  const current = series.live.at(-1)?.episode;
  const newest = occurrences.at(-1);
  if (newest === undefined) return addFirst(series, occurrence, current, measure);
  if (comesBefore(occurrence, newest) || current?.end === occurrence.at) {
    occurrences.splice(placeFor(occurrences, occurrence), 0, occurrence);
    return "reordered";
  }
  occurrences.push(occurrence);
  const faded = occurrences[occurrences.length - 1 - SHOWN_LINES];
  if (faded !== undefined) faded.text = null;
  extendTail(series, occurrences, occurrences.length - 1, measure.threshold);
  return judge(series, occurrence, current, measure);
}

/** A list written out with its one element takes a tenth of the memory of one that was pushed to. */
function addFirst(series: Series, occurrence: Occurrence, current: Episode | undefined, measure: Measure): Change {
  series.occurrences = [occurrence];
  resetTail(series, measure);
  return current?.end === occurrence.at ? "reordered" : judge(series, occurrence, current, measure);
}

function judge(series: Series, occurrence: Occurrence, current: Episode | undefined, measure: Measure): Change {
  const end = endOf(series, series.occurrences, measure);
  if (end <= occurrence.at) return "none";
  if (current === undefined || occurrence.at > current.end) return "opened";
  current.lastAt = occurrence.at;
  current.end = end;
  return "extended";
}

/** The episode that the newest occurrence begins. */
export function openingOf(series: Series, crossing: Occurrence, measure: Measure): Episode {
  return {
    openedAt: crossing.at,
    firstAt: firstInside(series.occurrences, series.occurrences.length, crossing.at - measure.within),
    lastAt: crossing.at,
    end: endOf(series, series.occurrences, measure),
    crossing,
  };
}

/** The episodes as they are now that occurrences came late or left. */
export function episodesOf(series: Series, measure: Measure, watermark: number): Episode[] {
  const carried = series.live.find((each) => each.episode.openedAt < watermark)?.episode ?? null;
  resetTail(series, measure);
  return findEpisodes(series.occurrences, measure, watermark, carried);
}

/** Forgets what no window that can still change holds, and condenses the rest. */
export function trimSeries(series: Series, measure: Measure, watermark: number): void {
  if (series.occurrences.length < series.limit) return;
  const { occurrences } = series;
  const edge = watermark - measure.within;
  let expired = 0;
  for (let each = occurrences[0]; each !== undefined && each.at <= edge; each = occurrences[++expired]) {
    for (const live of series.live) if (each.at >= live.episode.firstAt && each.at <= live.episode.lastAt) live.forgotten += each.weight;
  }
  series.occurrences = condense(expired === 0 ? occurrences : occurrences.slice(expired), measure);
  resetTail(series, measure);
  series.limit = Math.max(SMALL, 2 * series.occurrences.length);
}

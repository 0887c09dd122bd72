/** What a detector remembers between two pushes, as JSON: with it a new process goes on as if nothing had happened. */
import * as z from "zod/mini";
import { matcherSchema, parse, SEVERITIES } from "../domain/index.ts";
import { showText } from "./alert.ts";
import { emptySeries, type LiveAlert, resetTail, type Series } from "./series.ts";
import type { Measure, Occurrence } from "./window.ts";

/** at, weight, source, line, coverable, text: a tuple, because a flood has a hundred thousand of them. */
const occurrenceSchema = z.tuple([z.number(), z.number(), z.string(), z.number(), z.boolean(), z.nullable(z.string())]);

const liveSchema = z.object({
  id: z.string(),
  anchor: z.number(),
  episode: z.object({ openedAt: z.number(), firstAt: z.number(), lastAt: z.number(), end: z.number(), crossing: occurrenceSchema }),
  hiddenBy: z.nullable(z.string()),
  toldAt: z.number(),
  forgotten: z.number(),
  excerpt: z.array(z.string()),
});

const seriesSchema = z.object({
  key: z.string(),
  hiddenBy: z.nullable(z.string()),
  limit: z.number(),
  occurrences: z.array(occurrenceSchema),
  live: z.array(liveSchema),
});
export type SeriesState = z.output<typeof seriesSchema>;

const trackerSchema = z.object({
  rule: z.string(),
  severity: z.enum(SEVERITIES),
  within: z.string(),
  measure: z.object({ threshold: z.number(), within: z.number() }),
  turnedAt: z.nullable(z.number()),
  dropped: z.number(),
  alerting: z.array(seriesSchema),
  young: z.array(seriesSchema),
  old: z.array(seriesSchema),
});
export type TrackerState = z.output<typeof trackerSchema>;

const overrideSchema = z.object({ name: z.string(), from: z.number(), until: z.number(), matcher: z.nullable(matcherSchema) });

const stateSchema = z.object({
  v: z.literal(1),
  newest: z.nullable(z.number()),
  watermark: z.nullable(z.number()),
  overrides: z.array(overrideSchema),
  counts: z.object({
    events: z.number(),
    late: z.number(),
    latestBy: z.number(),
    clock: z.number(),
    undated: z.number(),
    unkeyed: z.number(),
    overridesRefused: z.number(),
  }),
  trackers: z.array(trackerSchema),
});
export type DetectorState = z.output<typeof stateSchema>;

/** A state as it was written, or InvalidInput. */
export function readDetectorState(value: unknown): DetectorState {
  return parse(stateSchema, value, "the detector's state");
}

export function writeSeries({ key, hiddenBy, limit, occurrences, live }: Series, show: (text: string) => string): SeriesState {
  return {
    key,
    hiddenBy,
    limit,
    occurrences: occurrences.map((each) => writeOccurrence(each, show)),
    live: live.map(({ id, anchor, episode, toldAt, forgotten, excerpt, ...each }) => ({
      id,
      anchor,
      episode: { ...episode, crossing: writeOccurrence(episode.crossing, show) },
      hiddenBy: each.hiddenBy,
      toldAt,
      forgotten,
      excerpt: [...excerpt],
    })),
  };
}

/** Without `occurrences`, only the open alerts are taken over. */
export function readSeries(state: SeriesState, measure: Measure, withOccurrences: boolean): Series {
  const series = emptySeries(state.key, state.hiddenBy);
  series.limit = state.limit;
  series.live = state.live.map(readLive);
  if (!withOccurrences) {
    for (const [index, each] of state.live.entries()) {
      const live = series.live[index];
      if (live !== undefined) live.forgotten += weightOf(state, each.episode.firstAt, each.episode.lastAt);
    }
    return series;
  }
  series.occurrences = state.occurrences.map(readOccurrence);
  resetTail(series, measure);
  return series;
}

function weightOf(state: SeriesState, firstAt: number, lastAt: number): number {
  return state.occurrences.reduce((sum, [at, weight]) => (at >= firstAt && at <= lastAt ? sum + weight : sum), 0);
}

function writeOccurrence(each: Occurrence, show: (text: string) => string): SeriesState["occurrences"][number] {
  return [each.at, each.weight, each.source, each.line, each.coverable, each.text === null ? null : showText(each, each.text, show)];
}

function readOccurrence([at, weight, source, line, coverable, text]: SeriesState["occurrences"][number]): Occurrence {
  return { at, weight, source, line, coverable, text, shown: true };
}

function readLive({ episode, ...live }: SeriesState["live"][number]): LiveAlert {
  return { ...live, episode: { ...episode, crossing: readOccurrence(episode.crossing) }, over: false };
}

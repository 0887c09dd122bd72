/**
 * Events into alerts. Pure: no clock, no I/O; what time it is and what people declared is told to it, what it finds is returned. It counts in
 * event time, keeps no more than windows need, and can be stopped and taken up at any point without losing or repeating an alert.
 */
import type { Alert, EventKind } from "../domain/index.ts";
import type { Place } from "./alert.ts";
import type { DetectorState } from "./detector-state.ts";
import { EndQueue } from "./end-queue.ts";
import type { Event } from "./event.ts";
import { endOverrides, isCoverable, type Override, overrideOf } from "./overrides.ts";
import { type ApprovedMigration, always, countsFor, keyOf, type Rule, weightOf } from "./rule.ts";
import type { LiveAlert, Series } from "./series.ts";
import { Tracker } from "./tracker.ts";

export interface DetectorOptions extends Place {
  /** How late a line may come and still count where it belongs, milliseconds. */
  readonly lateness: number;
  /** How long an override lasts at most, whatever its line says, milliseconds. */
  readonly longestOverride: number;
  /** Keys kept a rule; the least recently seen are forgotten beyond that, and counted. */
  readonly maxKeys: number;
}

/** What did not count, or not where it belongs. Nothing is left out without a trace here. */
export interface DetectorCounts {
  readonly events: number;
  /** Came after the allowed lateness, and by how many milliseconds at most. */
  readonly late: number;
  readonly latestBy: number;
  /** Stamped in the future, or with a time that is none. */
  readonly clock: number;
  readonly undated: number;
  /** Counted by a rule under something that the line does not say. */
  readonly unkeyed: number;
  /** Overrides in text that anybody could have written, or declared by somebody who is known to be no administrator. */
  readonly overridesRefused: number;
}

export interface Declared {
  readonly overrides?: readonly Override[];
  /** Null: nobody knows what was approved. */
  readonly approved?: readonly ApprovedMigration[] | null;
}

export interface Detector {
  /** `now`, where somebody knows it, is what stamps are held against: the container's stamp or the reader's clock. */
  readonly push: (events: readonly Event[], now?: number) => readonly Alert[];
  /** No line older than `now` less the allowed lateness is still to come. */
  readonly advance: (now: number) => readonly Alert[];
  /** What people declared, whole, whenever it changes and after every start. */
  readonly declare: (declared: Declared) => readonly Alert[];
  readonly counts: () => DetectorCounts & { readonly dropped: Readonly<Record<string, number>> };
  readonly state: () => DetectorState;
}

// Clocks of machines that are kept right differ by less; a stamp further ahead is wrong or forged, and must not make every later line late.
const AHEAD_MS = 300_000;
// The last instant that has a four-digit year.
const LAST_INSTANT = 253_402_300_799_999;
// A record longer than this is redacted before it is cut, and is rare enough for that.
const LONG_TEXT = 4_096;
// Addresses and ordinary names; whatever else stands where a name belongs is shown with care.
const PLAIN_KEY = /^[\w.:@+*-]{1,64}$/;

export function createDetector(rules: readonly Rule[], options: DetectorOptions, state?: DetectorState): Detector {
  let told: Alert[] = [];
  let newest = state?.newest ?? Number.NEGATIVE_INFINITY;
  let watermark = state?.watermark ?? Number.NEGATIVE_INFINITY;
  let overrides: readonly Override[] = state?.overrides ?? [];
  let approved: readonly ApprovedMigration[] | null = null;
  const counts = { events: 0, late: 0, latestBy: 0, clock: 0, undated: 0, unkeyed: 0, overridesRefused: 0, ...state?.counts };

  const ends = new EndQueue();
  const owners = new WeakMap<LiveAlert, { readonly tracker: Tracker; readonly series: Series }>();
  const known = new Set(rules.map((rule) => rule.id));
  const retired = (state?.trackers ?? []).filter((each) => !known.has(each.rule)).map(retiredRule);
  const trackers = [...rules, ...retired].map((rule): Tracker => {
    const tracker: Tracker = new Tracker(
      rule,
      options,
      {
        tell: (alert) => told.push(alert),
        await: (live, series) => {
          owners.set(live, { tracker, series });
          ends.add(live);
        },
      },
      options,
    );
    const remembered = state?.trackers.find((each) => each.rule === rule.id);
    if (remembered !== undefined) tracker.restore(remembered);
    return tracker;
  });
  const byKind = new Map<EventKind, Tracker[]>();
  for (const tracker of trackers) for (const kind of tracker.rule.kinds) byKind.set(kind, [...(byKind.get(kind) ?? []), tracker]);

  function take(event: Event, now: number | undefined): void {
    counts.events += 1;
    const { at } = event;
    if (at === null) {
      counts.undated += 1;
      return;
    }
    if (!(at >= 0 && at <= LAST_INSTANT) || (now !== undefined && at > now + AHEAD_MS)) {
      counts.clock += 1;
      return;
    }
    if (event.kind === "override-on" || event.kind === "override-off") takeOverride(event, at);
    if (at < watermark) {
      counts.late += 1;
      counts.latestBy = Math.max(counts.latestBy, watermark - at);
      return;
    }
    count(event, at);
    newest = Math.max(newest, at);
    moveTo(newest - options.lateness);
  }

  function count(event: Event, at: number): void {
    const { instead } = event;
    let text: string | null = null;
    for (const tracker of byKind.get(event.kind) ?? []) {
      const { rule } = tracker;
      const applies = countsFor(rule, event, approved);
      if (instead && countsFor(rule, { ...event, ...instead }, approved)) {
        if (applies) continue;
        const former = keyOf(rule, instead, options.app);
        if (former !== null && former !== "") tracker.remove(shownKey(former), instead, overrides, watermark);
      }
      if (!applies) continue;
      const weight = weightOf(rule, event);
      if (weight === 0) continue;
      const key = keyOf(rule, event, options.app);
      if (key === null || key === "") {
        counts.unkeyed += 1;
        continue;
      }
      text ??= event.text.length > LONG_TEXT ? options.show(event.text) : event.text.trimEnd();
      tracker.add(
        shownKey(key),
        { at, weight, source: event.source, line: event.line, coverable: isCoverable(rule, event), text, shown: text.length > LONG_TEXT },
        overrides,
        watermark,
      );
    }
  }

  function shownKey(key: string): string {
    return PLAIN_KEY.test(key) ? key : options.show(key);
  }

  function takeOverride(event: Event, at: number): void {
    if (!event.trusted || event.admin === false) {
      counts.overridesRefused += 1;
      return;
    }
    const before = overrides;
    if (event.kind === "override-on") {
      const declared = overrideOf(event, at, { watermark, longest: options.longestOverride }, options.show);
      if (declared !== null) overrides = [...overrides, declared];
    } else {
      overrides = endOverrides(overrides, at, newest);
    }
    if (overrides !== before && newest >= at) rehide();
  }

  function rehide(): void {
    for (const tracker of trackers) tracker.rehide(overrides, watermark);
  }

  function moveTo(mark: number): void {
    if (mark <= watermark) return;
    watermark = mark;
    for (let live = ends.next(watermark); live !== null; live = ends.next(watermark)) {
      const owner = owners.get(live);
      owners.delete(live);
      owner?.tracker.end(live, owner.series);
    }
    if (overrides.some((each) => each.matcher === null && each.until < watermark))
      overrides = overrides.filter((each) => each.matcher !== null || each.until >= watermark);
  }

  /** What was told since the last call. */
  function flush(): readonly Alert[] {
    const all = told;
    told = [];
    return all;
  }

  return {
    push: (events, now) => {
      for (const event of events) take(event, now);
      return flush();
    },
    advance: (now) => {
      moveTo(now - options.lateness);
      return flush();
    },
    declare: (declared) => {
      if (declared.approved !== undefined) approved = declared.approved;
      if (declared.overrides !== undefined) {
        overrides = [...overrides.filter((each) => each.matcher === null), ...declared.overrides];
        rehide();
      }
      return flush();
    },
    counts: () => ({
      ...counts,
      dropped: Object.fromEntries(trackers.filter((each) => each.dropped > 0).map((each) => [each.rule.id, each.dropped])),
    }),
    state: () => ({
      v: 1,
      newest: Number.isFinite(newest) ? newest : null,
      watermark: Number.isFinite(watermark) ? watermark : null,
      overrides: overrides.map((each) => ({ ...each, matcher: each.matcher === null ? null : { ...each.matcher } })),
      counts: { ...counts },
      trackers: trackers.filter(({ rule, isIdle }) => known.has(rule.id) || !isIdle).map((tracker) => tracker.state()),
    }),
  };
}

/** A rule that configuration no longer has counts nothing, but what it opened still ends. */
function retiredRule({ rule, severity, within, measure }: DetectorState["trackers"][number]): Rule {
  return {
    id: rule,
    severity,
    threshold: measure.threshold,
    within,
    key: "none",
    kinds: [],
    weigh: "times",
    admin: "any",
    override: "none",
    matches: always,
  };
}

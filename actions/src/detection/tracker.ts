/** One rule at work: its keys, their windows and open alerts. It knows neither other rules nor what becomes of its transitions. */
import { type Alert, durationMs } from "../domain/index.ts";
import { alertId, describeAlert, matchableKey, type Place } from "./alert.ts";
import { readSeries, type SeriesState, type TrackerState, writeSeries } from "./detector-state.ts";
import type { FirstTold } from "./event.ts";
import { hiding, type Override } from "./overrides.ts";
import type { Rule } from "./rule.ts";
import { addOccurrence, emptySeries, episodesOf, type LiveAlert, openingOf, type Series, trimSeries } from "./series.ts";
import { type Episode, type Measure, type Occurrence, placeFor } from "./window.ts";

// People hear of an alert that goes on every ten minutes; the record is finer, but not a line an event.
const UPDATE_EVERY_MS = 10_000;

export interface Outlet {
  readonly tell: (alert: Alert) => void;
  /** The alert ends some time: its tracker is to be asked then. */
  readonly await: (live: LiveAlert, series: Series) => void;
}

export class Tracker {
  readonly rule: Rule;
  readonly measure: Measure;
  readonly #place: Place;
  readonly #outlet: Outlet;
  readonly #maxKeys: number;
  readonly #horizon: number;
  /** Keys with an alert open: they stay. */
  readonly #alerting = new Map<string, Series>();
  /** Keys touched since the last turn, and those touched only before it: what nothing touched for a whole horizon is in no window. */
  #young = new Map<string, Series>();
  #old = new Map<string, Series>();
  #turnedAt = Number.NEGATIVE_INFINITY;
  #dropped = 0;

  constructor(rule: Rule, place: Place, outlet: Outlet, { lateness, maxKeys }: { readonly lateness: number; readonly maxKeys: number }) {
    this.rule = rule;
    this.measure = { threshold: rule.threshold, within: durationMs(rule.within) };
    this.#place = place;
    this.#outlet = outlet;
    this.#maxKeys = maxKeys;
    this.#horizon = this.measure.within + lateness;
  }

  /** Occurrences that were forgotten, or not told, because there were more keys than are kept. */
  get dropped(): number {
    return this.#dropped;
  }

  add(key: string, occurrence: Occurrence, overrides: readonly Override[], watermark: number): void {
    const hiddenBy = overrides.length === 0 ? null : this.#hiding(key, occurrence, overrides);
    const series = this.#seriesFor(key, hiddenBy, watermark);
    switch (addOccurrence(series, occurrence, this.measure)) {
      case "opened":
        this.#open(series, openingOf(series, occurrence, this.measure));
        break;
      case "extended":
        this.#tellProgress(series, occurrence.at);
        break;
      case "reordered":
        this.#reconcileFamily([series], watermark);
        this.#tellProgress(series, occurrence.at);
        break;
      case "none":
        break;
    }
    trimSeries(series, this.measure, watermark);
  }

  /** Takes back what turned out to be no business of this rule. What is older than the watermark is final. */
  remove(key: string, { at, source, line }: FirstTold, overrides: readonly Override[], watermark: number): void {
    if (at === null || at < watermark) return;
    for (const name of [nameOf(key, null), ...overrides.map((each) => nameOf(key, each.name))]) {
      const series = this.#alerting.get(name) ?? this.#young.get(name) ?? this.#old.get(name);
      const index = series?.occurrences.findIndex((each) => each.at === at && each.line === line && each.source === source) ?? -1;
      if (series === undefined || index === -1) continue;
      series.occurrences = series.occurrences.toSpliced(index, 1);
      this.#reconcileFamily([series], watermark, "the application's lines showed who did what its database told");
      return;
    }
  }

  end(live: LiveAlert, series: Series): void {
    this.#outlet.tell(this.#describe("ended", series, live));
    this.#close(live, series);
  }

  get isIdle(): boolean {
    return this.#alerting.size === 0;
  }

  state(): TrackerState {
    const write = (map: ReadonlyMap<string, Series>) => [...map.values()].map((series) => writeSeries(series, this.#place.show));
    return {
      rule: this.rule.id,
      severity: this.rule.severity,
      within: this.rule.within,
      measure: this.measure,
      turnedAt: Number.isFinite(this.#turnedAt) ? this.#turnedAt : null,
      dropped: this.#dropped,
      alerting: write(this.#alerting),
      young: write(this.#young),
      old: write(this.#old),
    };
  }

  /**
   * Takes up what was going on. Where the rule was changed meanwhile, its windows begin anew, because they kept only what the former
   * threshold needed; alerts that were open end in their own time.
   */
  restore(state: TrackerState): void {
    const same = state.measure.threshold === this.measure.threshold && state.measure.within === this.measure.within;
    this.#turnedAt = state.turnedAt ?? Number.NEGATIVE_INFINITY;
    this.#dropped = state.dropped;
    const read = (list: readonly SeriesState[], into: Map<string, Series>) => {
      for (const each of list) {
        const series = readSeries(each, this.measure, same);
        into.set(nameOf(series.key, series.hiddenBy), series);
        for (const live of series.live) this.#outlet.await(live, series);
      }
    };
    read(state.alerting, this.#alerting);
    if (!same) return;
    read(state.young, this.#young);
    read(state.old, this.#old);
  }

  /** Sorts occurrences anew into those that an override hides and those that count, once overrides are not what they were. */
  rehide(overrides: readonly Override[], watermark: number): void {
    const touched = new Map<string, Series[]>();
    for (const series of [...this.#alerting.values(), ...this.#old.values(), ...this.#young.values()]) {
      const leaves = (each: Occurrence) => each.at >= watermark && this.#hiding(series.key, each, overrides) !== series.hiddenBy;
      const leaving = series.occurrences.filter(leaves);
      if (leaving.length === 0) continue;
      series.occurrences = series.occurrences.filter((each) => !leaves(each));
      const others = leaving.map((each) => {
        const other = this.#seriesFor(series.key, this.#hiding(series.key, each, overrides), watermark);
        other.occurrences = other.occurrences.toSpliced(placeFor(other.occurrences, each), 0, each);
        return other;
      });
      touched.set(series.key, [...new Set([...(touched.get(series.key) ?? []), series, ...others])]);
    }
    for (const family of touched.values()) this.#reconcileFamily(family, watermark);
  }

  #hiding(key: string, { at, coverable }: Occurrence, overrides: readonly Override[]): string | null {
    const about = { rule: this.rule.id, severity: this.rule.severity, app: this.#place.app, key: matchableKey(this.#place, key) };
    return hiding(overrides, about, at, coverable);
  }

  #seriesFor(key: string, hiddenBy: string | null, watermark: number): Series {
    const name = nameOf(key, hiddenBy);
    const found = (this.#alerting.size === 0 ? undefined : this.#alerting.get(name)) ?? this.#young.get(name);
    if (found !== undefined) return found;
    const kept = this.#old.get(name);
    if (kept !== undefined) this.#old.delete(name);
    if (this.#young.size >= this.#maxKeys / 2 || watermark >= this.#turnedAt + this.#horizon) this.#turn(watermark);
    const series = kept ?? emptySeries(copied(key), hiddenBy);
    this.#young.set(kept === undefined ? nameOf(series.key, hiddenBy) : name, series);
    return series;
  }

  #turn(watermark: number): void {
    const edge = watermark - this.measure.within;
    for (const series of this.#old.values()) for (const each of series.occurrences) if (each.at > edge) this.#dropped += each.weight;
    this.#old = this.#young;
    this.#young = new Map();
    this.#turnedAt = watermark;
  }

  /** Forgotten whole, so that nothing of it is counted twice. */
  #drop(series: Series): void {
    for (const each of series.occurrences) this.#dropped += each.weight;
    const name = nameOf(series.key, series.hiddenBy);
    this.#young.delete(name);
    this.#old.delete(name);
  }

  #open(series: Series, episode: Episode): void {
    if (this.#alerting.size >= this.#maxKeys && series.live.length === 0) {
      this.#drop(series);
      return;
    }
    const id = alertId(this.rule, this.#place, series.key, episode);
    const live: LiveAlert = {
      id,
      anchor: episode.openedAt,
      episode,
      hiddenBy: series.hiddenBy,
      toldAt: episode.lastAt,
      forgotten: 0,
      excerpt: [],
      over: false,
    };
    series.live = [...series.live, live].sort((a, b) => a.episode.openedAt - b.episode.openedAt);
    const name = nameOf(series.key, series.hiddenBy);
    this.#young.delete(name);
    this.#old.delete(name);
    this.#alerting.set(name, series);
    this.#outlet.tell(this.#describe("opened", series, live));
    this.#outlet.await(live, series);
  }

  #tellProgress(series: Series, at: number): void {
    const live = series.live.at(-1);
    if (live === undefined || at - live.toldAt < UPDATE_EVERY_MS) return;
    live.toldAt = at;
    this.#outlet.tell(this.#describe("updated", series, live));
  }

  /**
   * Finds the episodes of these series of one key again and gives each told alert the one that its opening lies in. An alert without one is
   * withdrawn, an episode without an alert is opened.
   */
  #reconcileFamily(family: readonly Series[], watermark: number, why = "late lines showed an override that hides what it counted"): void {
    const told = family.flatMap((series) => series.live.map((live) => ({ live, series })));
    const found = family.flatMap((series) =>
      episodesOf(series, this.measure, watermark).map((episode) => ({ episode, series, owner: noOwner() })),
    );
    for (const { live, series } of told.sort((a, b) => a.live.anchor - b.live.anchor)) {
      const inside = found.filter(({ episode }) => episode.openedAt <= live.anchor && live.anchor < episode.end);
      // Where its opening is gone, what remains of it.
      const rest = found.find(
        ({ episode, owner }) => owner.live === null && live.anchor <= episode.openedAt && episode.openedAt < live.episode.end,
      );
      const match = inside.find((each) => each.series === series) ?? inside[0] ?? rest;
      if (match === undefined) this.#withdraw(live, series, why);
      else if (match.owner.live !== null) this.#withdraw(live, series, `late lines showed that it is one with ${match.owner.live.id}`);
      else {
        match.owner.live = live;
        this.#assign(live, series, match.episode, match.series);
      }
    }
    for (const { episode, series, owner } of found) if (owner.live === null) this.#open(series, episode);
  }

  #assign(live: LiveAlert, from: Series, episode: Episode, to: Series): void {
    const earlier = episode.end < live.episode.end;
    live.episode = episode;
    if (from !== to) {
      this.#leave(live, from);
      live.hiddenBy = to.hiddenBy;
      to.live = [...to.live, live].sort((a, b) => a.episode.openedAt - b.episode.openedAt);
      this.#alerting.set(nameOf(to.key, to.hiddenBy), to);
      this.#young.delete(nameOf(to.key, to.hiddenBy));
      this.#outlet.tell(this.#describe("updated", to, live));
    }
    if (earlier || from !== to) this.#outlet.await(live, to);
  }

  #withdraw(live: LiveAlert, series: Series, why: string): void {
    this.#outlet.tell({ ...this.#describe("ended", series, live), withdrawn: why });
    this.#close(live, series);
  }

  #close(live: LiveAlert, series: Series): void {
    live.over = true;
    this.#leave(live, series);
  }

  #leave(live: LiveAlert, series: Series): void {
    series.live = series.live.filter((each) => each !== live);
    if (series.live.length > 0) return;
    const name = nameOf(series.key, series.hiddenBy);
    if (this.#alerting.delete(name)) this.#young.set(name, series);
  }

  #describe(transition: Alert["transition"], series: Series, live: LiveAlert): Alert {
    return describeAlert(transition, this.rule, this.#place, series, live);
  }
}

function noOwner(): { live: LiveAlert | null } {
  return { live: null };
}

function nameOf(key: string, hiddenBy: string | null): string {
  return hiddenBy === null ? key : `${key}\n${hiddenBy}`;
}

/** A text of its own: a slice of a line keeps the whole line in memory for as long as the key lives. */
function copied(text: string): string {
  return ` ${text}`.slice(1);
}

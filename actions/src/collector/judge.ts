/** What the collector needs of detection: lines in, alerts out, and a memory that can be written down in small pieces. */
import type { Declared } from "../detection/detector.ts";
import type { Event, Line } from "../detection/event.ts";
import type { Alert } from "../domain/index.ts";
import type { Source } from "./source.ts";

export type Told = Pick<Source, "key" | "name" | "app" | "cluster">;

export interface Judged {
  readonly alerts: readonly Alert[];
  readonly events: readonly Event[];
  /** Lines that no format understood; events that came too late for their window; what did not fit. */
  readonly unreadable: number;
  readonly late: number;
  readonly dropped: number;
}

export interface Judge {
  /** `behind`: the sources of the same app that may still bring older lines; what is newer waits for them. */
  take(source: Told, lines: readonly Line[], now: number, behind: ReadonlySet<string>): Judged;
  /** The source has nothing more for now: what waited for its next line is told. */
  flush(source: Told, now: number, behind: ReadonlySet<string>): Judged;
  /** Some source of the app is not behind any more. */
  release(app: string | null, now: number, behind: ReadonlySet<string>): readonly Alert[];
  /** No line older than this is still to come: what is over ends. */
  advance(now: number): readonly Alert[];
  /** What people declared, whole, whenever it changes and after every start. */
  declare(declared: Declared): readonly Alert[];
  /** How many of the source's events wait. */
  waiting(source: Told): number;
  /** Sources, by key, whose state changed since last asked. */
  takeTouched(): ReadonlySet<string>;
  /** What the judge holds of a source. This and the next two are JSON, and mean something to the judge alone. */
  sourceState(key: string): unknown;
  forget(source: Told): void;
  /** What its memory was changed by since last asked; replayed in this order it brings another judge to the same memory. */
  takeInputs(): readonly unknown[];
  /** All of it but the sources'. */
  state(): unknown;
}

export interface JudgeMemory {
  readonly state: unknown;
  readonly inputs: readonly unknown[];
  readonly sources: Readonly<Record<string, unknown>>;
}

export type OpenJudge = (memory: JudgeMemory) => Judge;

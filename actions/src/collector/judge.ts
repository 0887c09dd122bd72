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
  take(source: Told, lines: readonly Line[], now: number): Judged;
  /** The source has nothing more for now: what waited for its next line is told. */
  flush(source: Told, now: number): Judged;
  /** No line older than this is still to come: what is over ends. */
  advance(now: number): readonly Alert[];
  /** What people declared, whole, whenever it changes and after every start. */
  declare(declared: Declared): readonly Alert[];
  /** What the source's reader holds. This and the next two are JSON, and mean something to the judge alone. */
  readerState(source: Told): unknown;
  forget(source: Told): void;
  /** What its memory was changed by since last asked; replayed in this order it brings another judge to the same memory. */
  takeInputs(): readonly unknown[];
  /** All of it but the readers. */
  state(): unknown;
}

export interface JudgeMemory {
  readonly state: unknown;
  readonly inputs: readonly unknown[];
  readonly readers: Readonly<Record<string, unknown>>;
}

export type OpenJudge = (memory: JudgeMemory) => Judge;

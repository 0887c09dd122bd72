/** The two shapes between which detection works: a line as a source hands it over, and what formats read out of it. */
import type { EventKind } from "../domain/index.ts";

/** One line of one source, without its newline. Sources join the pieces of a long line; joining the lines of a record is a format's work. */
export interface Line {
  readonly text: string;
  /** Where it came from: a container's name, a file, a database log. */
  readonly source: string;
  /** From 1, in that source. */
  readonly number: number;
  /** When the container's engine or the collector read it, milliseconds of the epoch; null for a file, which does not say. */
  readonly stamp: number | null;
}

/** One occurrence. Told by several lines, it is one event. */
export interface Event {
  readonly kind: EventKind;
  /** The line's own time, or its stamp where the line has none that can be trusted; milliseconds of the epoch. Null where neither has one. */
  readonly at: number | null;
  /** Who acted: a name or an id as the line gives it. */
  readonly actor: string | null;
  /** In canonical form (RFC 5952 for IPv6, no port). */
  readonly ip: string | null;
  /** Null: the line cannot tell. */
  readonly admin: boolean | null;
  /** On whom or what. */
  readonly target: string | null;
  readonly table: string | null;
  /** Null: the line does not say; it counts as one. */
  readonly rows: number | null;
  /** How often the line says it happened ("message repeated 3 times"); 1 otherwise. */
  readonly times: number;
  /** A statement that takes everything with it: an unfiltered DELETE or UPDATE, TRUNCATE, DROP. */
  readonly destructive: boolean;
  /** For migrations: what ran, as the tool names it. */
  readonly migration: string | null;
  /** For `override-on`: why, and until when (milliseconds of the epoch) where the line says so. */
  readonly override: { readonly reason: string | null; readonly until: number | null } | null;
  /**
   * Read from fields that no user's text can forge, or from a line that configuration names. In plain text anybody whose name is logged can
   * write a line: such an override is shown and silences nothing.
   */
  readonly trusted: boolean;
  readonly source: string;
  readonly line: number;
  /** The record it was read from, as it was: redact before it leaves the process. */
  readonly text: string;
  /**
   * What was told of the same occurrence before, by a database that could not know who acted: this takes its place. Null for all but those.
   */
  readonly instead: FirstTold | null;
}

/** The line that told of an occurrence first, and what it could say. */
export type FirstTold = Pick<Event, "at" | "actor" | "ip" | "target" | "admin" | "source" | "line">;

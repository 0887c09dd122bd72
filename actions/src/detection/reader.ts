/**
 * From lines to events, one reader per source: it joins the lines of a record, finds each record's format, keeps what must wait for the next
 * line, and lets an occurrence that several lines tell through once. It reads no clock and no file, never throws on what a line holds, and
 * matches no pattern against more than 64 KiB of it.
 */
import type { EventKind, FormatName } from "../domain/index.ts";
import { type Clue, cluesTo } from "./clue.ts";
import type { Event, Line } from "./event.ts";
import { emptyMemory, type Format, type Memory, type Reading, reading, type Sighting } from "./formats/format.ts";
import { formatsFor } from "./formats/formats.ts";
import { gunicornAccess } from "./formats/gunicorn.ts";
import { hasEscapes, stripEscapes } from "./grammar/ansi.ts";
import { isAdminPath } from "./grammar/request.ts";
import { clueOf, type Mapping, tellMapped } from "./mappings.ts";
import { type Occurrence, type Occurrences, openOccurrences } from "./occurrences.ts";
import { resolveTime } from "./resolve-time.ts";

export interface ReaderOptions {
  readonly source: string;
  readonly format: FormatName | "auto";
  /** IANA name; null where nobody configured one: then the stamp counts, and UTC where there is none. */
  readonly timezone: string | null;
  /** An instant that no line can be later than, give or take; null where unknown. Files without a year need it. */
  readonly reference: number | null;
  readonly admin: { readonly actors: readonly string[]; readonly paths: readonly string[] };
  /** Loggers or sources whose plain text may declare an override. */
  readonly overridesFrom: readonly string[];
  /** A team's own lines, tried before the formats. */
  readonly mappings?: readonly Mapping[];
  /** gunicorn's `--access-logformat`; RangeError where it holds no request and status. */
  readonly accessLog?: string;
  /** Shared by the readers of one app; a reader alone has its own. */
  readonly occurrences?: Occurrences;
  readonly state?: ReaderState;
}

export interface ReaderCounts {
  readonly lines: number;
  readonly records: number;
  readonly events: number;
  /** Lines that belong to no record that is known here. */
  readonly unreadable: number;
  /** Records longer than what is read of them. */
  readonly cut: number;
  /** Times that cannot be right. */
  readonly clockProblems: number;
}

export interface Pending {
  readonly format: FormatName;
  readonly lines: readonly Line[];
}

/** A statement that its session may still take back. */
export interface Held {
  readonly key: string;
  /** Told by the audit already: another audit line is another statement. */
  readonly audited: boolean;
  readonly at: number | null;
  readonly sightings: readonly Sighting[];
  readonly logger: string | null;
  readonly line: Line;
}

/** JSON-able; a reader opened with it goes on as if it had never stopped. It holds log text: keep it as safe as the log. */
export interface ReaderState {
  readonly counts: ReaderCounts;
  readonly memory: Memory;
  readonly pending: Pending | null;
  readonly held: readonly Held[];
  /** Null where they are shared, and kept by whoever shares them. */
  readonly occurrences: readonly Occurrence[] | null;
}

export interface Reader {
  read(line: Line): readonly Event[];
  /** Nothing more comes for now: what waited for a next line is told. */
  flush(): readonly Event[];
  /** Whether the next line matters whatever it holds; a prefilter must not leave it out. */
  waits(): boolean;
  /** The number of the oldest line that is still needed: without a kept state, go on from there. Null: all are told. */
  oldestNeeded(): number | null;
  counts(): ReaderCounts;
  state(): ReaderState;
}

// Larger than any real record of interest; an attacker's line of megabytes stalls nothing.
export const RECORD_LIMIT = 65_536;
// A record of more lines is a dump; what it says stands at its beginning.
const PENDING_LINES = 1_000;
// A statement that no line of its session followed for this long did not fail at once; one that runs longer and then fails is told.
const HELD_MS = 5_000;
const HELD_SESSIONS = 1_000;

const NO_COUNTS: ReaderCounts = { lines: 0, records: 0, events: 0, unreadable: 0, cut: 0, clockProblems: 0 };

function formatsOf({ format, accessLog }: Pick<ReaderOptions, "format" | "accessLog">): readonly Format[] {
  return accessLog === undefined ? formatsFor(format) : [gunicornAccess(accessLog), ...formatsFor(format)];
}

/**
 * What a line holds of which a reader tells events of `kinds` (null: of any kind). Null where any line may: a team's own pattern does not say
 * what its lines contain. A line that the reader waits for must be given whatever it holds.
 */
export function cluesOf(
  options: Pick<ReaderOptions, "format" | "accessLog" | "mappings">,
  kinds: ReadonlySet<EventKind> | null,
): readonly Clue[] | null {
  const own = (options.mappings ?? []).filter(({ kind }) => kind !== null).map(clueOf);
  if (own.includes(null)) return null;
  return cluesTo(kinds, [...own.filter((each) => each !== null), ...formatsOf(options).flatMap((format) => format.clues)]);
}

export function openReader(options: ReaderOptions): Reader {
  const formats = formatsOf(options);
  const mappings = options.mappings ?? [];
  const occurrences = options.occurrences ?? openOccurrences(options.state?.occurrences ?? []);
  const memory: Memory = { ...(options.state?.memory ?? emptyMemory()) };
  const counts = { ...(options.state?.counts ?? NO_COUNTS) };
  const held = new Map<string, Held>((options.state?.held ?? []).map((each) => [each.key, each]));
  let pending: Pending | null = options.state?.pending ?? null;
  let pendingLength = pending?.lines.reduce((sum, line) => sum + line.text.length + 1, 0) ?? 0;

  const recognise = (text: string): { readonly format: Format; readonly reading: Reading } | null => {
    for (const format of formats) {
      const reading = format.read(text, memory);
      if (reading !== null) return { format, reading };
    }
    return null;
  };

  const eventOf = (told: Sighting, at: number | null, logger: string | null, line: Line): Event | null => {
    const { kind, actor, ip, target } = told;
    const admin = adminOf(told, options.admin);
    const seen = occurrences.see(told, at, { at, actor, ip, target, admin, source: line.source, line: line.number });
    if (seen === false) return null;
    counts.events++;
    const trusted =
      told.trusted || options.overridesFrom.includes(line.source) || (logger !== null && options.overridesFrom.includes(logger));
    return {
      kind,
      at,
      actor,
      ip,
      admin,
      target,
      table: told.table,
      rows: told.rows,
      times: told.times,
      destructive: told.destructive,
      migration: told.migration,
      override: told.kind === "override-on" ? (told.override ?? { reason: null, until: null }) : null,
      trusted,
      source: line.source,
      line: line.number,
      text: line.text,
      instead: seen === true ? null : seen,
    };
  };

  const tell = (sightings: readonly Sighting[], at: number | null, logger: string | null, line: Line): readonly Event[] =>
    sightings.length === 0 ? NONE : sightings.map((told) => eventOf(told, at, logger, line)).filter((event) => event !== null);

  const release = (each: Held): readonly Event[] => {
    held.delete(each.key);
    return tell(each.sightings, each.at, each.logger, each.line);
  };

  /** Statements wait for the next line of their session, which may say that they failed. */
  const settle = (reading: Reading, at: number | null, line: Line): readonly Event[] => {
    const { session } = reading;
    const overdue = [...held.values()].filter(
      (each) => each.key !== session?.key && at !== null && each.at !== null && at - each.at > HELD_MS,
    );
    const events = overdue.flatMap(release);
    if (session === null) return events;
    const waiting = held.get(session.key);
    if (waiting !== undefined) {
      if (session.says === "parameters") return events;
      const retold = session.says === "audit" && !waiting.audited && sameKinds(waiting.sightings, reading.sightings);
      if (session.says === "failure" || retold) held.delete(session.key);
      else events.push(...release(waiting));
    }
    if ((session.says === "statement" || session.says === "audit") && reading.sightings.length > 0) {
      const oldest = held.size >= HELD_SESSIONS ? held.values().next().value : undefined;
      if (oldest !== undefined) events.push(...release(oldest));
      held.set(session.key, {
        key: session.key,
        audited: session.says === "audit",
        at,
        sightings: reading.sightings,
        logger: reading.logger,
        line,
      });
      return events;
    }
    return [...events, ...tell(reading.sightings, at, reading.logger, line)];
  };

  const conclude = (reading: Reading, line: Line): readonly Event[] => {
    counts.records++;
    if (reading.sightings.length === 0 && reading.session === null && held.size === 0) return NONE;
    const { at, problem } = resolveTime(reading.clock, { timezone: options.timezone, stamp: line.stamp, reference: options.reference });
    if (problem) counts.clockProblems++;
    if (reading.session === null && held.size === 0) return tell(reading.sightings, at, reading.logger, line);
    return reading.session === null
      ? [...settle(reading, at, line), ...tell(reading.sightings, at, reading.logger, line)]
      : settle(reading, at, line);
  };

  /** The record that waited for its last line is complete. */
  const complete = (): readonly Event[] => {
    const first = pending?.lines[0];
    if (pending === null || first === undefined) return NONE;
    const text = pending.lines.map((line) => line.text).join("\n");
    const format = formats.find((each) => each.name === pending?.format);
    pending = null;
    const reading = format?.read(text, memory) ?? null;
    return reading === null ? NONE : conclude(reading, { ...first, text });
  };

  return {
    read(line) {
      counts.lines++;
      const shown = line.text.length > RECORD_LIMIT ? line.text.slice(0, RECORD_LIMIT) : line.text;
      if (shown.length < line.text.length) counts.cut++;
      const text = shown.charCodeAt(shown.length - 1) === 13 ? shown.slice(0, -1) : shown;
      let found = recognise(text);
      let bare = text;
      if (found === null && hasEscapes(text)) {
        bare = stripEscapes(text);
        found = recognise(bare);
      }
      if (found === null) {
        const mapped = mappings.length === 0 ? null : tellMapped(bare, mappings);
        if (mapped !== null) return [...complete(), ...conclude(reading(null, mapped), { ...line, text: shown })];
        if (pending === null) {
          if (!continues(text)) counts.unreadable++;
        } else if (pendingLength + text.length < RECORD_LIMIT && pending.lines.length < PENDING_LINES) {
          pending = { ...pending, lines: [...pending.lines, { ...line, text: bare }] };
          pendingLength += text.length + 1;
        }
        return NONE;
      }
      const before = complete();
      const mapped = mappings.length === 0 ? null : tellMapped(bare, mappings);
      if (mapped !== null) found = { ...found, reading: { ...found.reading, sightings: mapped, waits: false, session: null } };
      if (found.reading.waits) {
        pending = { format: found.format.name, lines: [{ ...line, text: bare }] };
        pendingLength = bare.length + 1;
        return before;
      }
      const events = conclude(found.reading, shown === line.text ? line : { ...line, text: shown });
      return before.length === 0 ? events : [...before, ...events];
    },
    flush: () => [...complete(), ...[...held.values()].flatMap(release)],
    waits: () => pending !== null,
    oldestNeeded: () => {
      const needed = [pending?.lines[0]?.number, ...[...held.values()].map((each) => each.line.number)].filter(
        (number) => number !== undefined,
      );
      return needed.length === 0 ? null : Math.min(...needed);
    },
    counts: () => ({ ...counts }),
    state: () => ({
      counts: { ...counts },
      memory: { ...memory },
      pending,
      held: [...held.values()],
      occurrences: options.occurrences === undefined ? occurrences.state() : null,
    }),
  };
}

const NONE: readonly Event[] = [];

function sameKinds(one: readonly Sighting[], other: readonly Sighting[]): boolean {
  return one.length === other.length && one.every((sighting, index) => sighting.kind === other[index]?.kind);
}

/** In this order of trust: a field, the configured names, the door that was used, the words. Null: the line cannot tell. */
function adminOf(told: Sighting, admin: ReaderOptions["admin"]): boolean | null {
  if (told.role !== null) return told.role;
  // Anybody can type a name; who is not let in acts as nobody.
  if (told.kind === "auth-failed") return told.words ?? false;
  if (told.actor !== null && admin.actors.includes(told.actor)) return true;
  if (told.path !== null && isAdminPath(told.path, admin.paths)) return true;
  return told.words;
}

// What follows a record without a head of its own: indented or empty lines, the parts of a traceback.
const CONTINUES =
  /^(?:\s|$|Traceback \(|Caused by: |During handling |The above exception |[\w.$]{1,200}(?:Error|Exception|Warning|Interrupt|Exit)\b)/;

function continues(text: string): boolean {
  return CONTINUES.test(text);
}

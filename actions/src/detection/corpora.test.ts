/** Real logs with labels that came from the driver of the programs: what the reader tells of them, with formats detected unaided. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Event, Line } from "./event.ts";
import { openOccurrences } from "./occurrences.ts";
import { openScanner } from "./prefilter/open-scanner.ts";
import { cluesOf, openReader, type ReaderOptions, type ReaderState } from "./reader.ts";

const CORPORA = process.env.HOLDFAST_CORPORA;

interface Label {
  readonly kind: string;
  readonly at: string | null;
  readonly actor?: string | null;
  readonly ip?: string | null;
  readonly admin?: boolean | null;
  readonly target?: string | null;
  readonly rows?: number;
  readonly same_as?: number;
  readonly injected?: boolean;
  readonly ip_in_line?: boolean;
  readonly rows_in_log?: boolean;
  readonly count?: number;
  readonly to?: string;
  readonly version?: string;
}
interface Labels {
  readonly events: Readonly<Record<string, Label>>;
  readonly not_events: Readonly<Record<string, string>>;
  readonly companion?: string;
}

const names = CORPORA === undefined ? [] : readdirSync(CORPORA).flatMap((file) => /^(.+)\.labels\.json$/.exec(file)?.[1] ?? []);
const file = (name: string): string => readFileSync(join(CORPORA ?? "", name), "utf8");
const linesOf = (name: string): Line[] =>
  file(`${name}.log`)
    .split("\n")
    .slice(0, -1)
    .map((text, index) => ({ text, source: name, number: index + 1, stamp: null }));
const labelsOf = (name: string): Labels => JSON.parse(file(`${name}.labels.json`)) as Labels; // the corpora's README fixes this shape

const options = (source: string, more: Partial<ReaderOptions> = {}): ReaderOptions => ({
  source,
  format: "auto",
  timezone: null,
  reference: Date.UTC(2026, 10, 25),
  admin: { actors: [], paths: [] },
  overridesFrom: [],
  ...more,
});

function readAll(name: string, more: Partial<ReaderOptions> = {}): Event[] {
  const reader = openReader(options(name, more));
  return [...linesOf(name).flatMap((line) => reader.read(line)), ...reader.flush()];
}

/** A newline in a user's name began a line of its own. */
function isInjected(label: Label | undefined): boolean {
  return label?.injected === true || label?.actor?.includes("\n") === true;
}

interface Score {
  readonly missed: readonly string[];
  readonly wrong: readonly string[];
  readonly recall: number;
  readonly precision: number;
}

/** Per (line, kind); an occurrence told a second time counts for the line it is the same as, once. */
function score(events: readonly Event[], { events: labels, not_events }: Labels): Score {
  const primary = (line: number): number => labels[line]?.same_as ?? line;
  const wanted = Object.entries(labels).filter(([, label]) => label.same_as === undefined);
  const told = new Set<string>();
  const wrong: string[] = [];
  for (const event of events) {
    // What a newline in a user's name forged cannot be told from a true line; it stands for the true one before it.
    const forged = not_events[event.line]?.startsWith("forged") || (labels[event.line] === undefined && isInjected(labels[event.line - 1]));
    const key = `${primary(event.line)} ${event.kind}`;
    if (labels[event.line]?.kind === event.kind && !told.has(key)) told.add(key);
    else if (!forged) wrong.push(`${event.line} ${event.kind}: ${event.text.slice(0, 120)}`);
  }
  const missed = wanted.filter(([line, label]) => !told.has(`${line} ${label.kind}`)).map(([line, label]) => `${line} ${label.kind}`);
  const right = told.size;
  return { missed, wrong, recall: (wanted.length - missed.length) / wanted.length, precision: right / (right + wrong.length) };
}

const WHOLE_SECONDS = /werkzeug|access|postgres|mariadb|sshd/;
// PAM makes a failed login wait about two seconds before sshd writes its line; the label is when it was tried.
const toleranceOf = (name: string): number => (name === "sshd-auth" ? 14_000 : WHOLE_SECONDS.test(name) ? 1_001 : 101);

function contradictions(name: string, events: readonly Event[], { events: labels }: Labels): string[] {
  return events.flatMap((event) => {
    const own = labels[event.line];
    if (own === undefined || own.kind !== event.kind) return [];
    const label = own.same_as === undefined ? own : (labels[own.same_as] ?? own);
    const differs = (field: string, found: unknown, expected: unknown) => [
      `${event.line} ${field}: ${String(found)} for ${String(expected)}`,
    ];
    const at = label.at === null ? null : Date.parse(label.at);
    return [
      ...(at !== null && event.at !== null && Math.abs(event.at - at) > toleranceOf(name)
        ? differs("at", new Date(event.at).toISOString(), label.at)
        : []),
      ...(at !== null && event.at === null ? differs("at", null, label.at) : []),
      ...(event.ip !== (label.ip ?? null) && label.ip_in_line !== false && label.ip !== undefined && label.ip !== "localhost"
        ? differs("ip", event.ip, label.ip)
        : []),
      ...(event.admin !== null && label.admin !== undefined && event.admin !== label.admin && label.admin !== null
        ? differs("admin", event.admin, label.admin)
        : []),
      ...(event.actor !== null && label.actor !== undefined && event.actor !== label.actor && !isInjected(label)
        ? differs("actor", event.actor, label.actor)
        : []),
      ...(event.rows !== null && label.rows !== undefined && event.rows !== label.rows ? differs("rows", event.rows, label.rows) : []),
      ...(event.times !== (label.count ?? 1) ? differs("times", event.times, label.count) : []),
    ];
  });
}

// Without the application's line, an access line cannot know that a deletion met no row, or which way a POST switched an override.
const ACCESS_ALONE: Readonly<Record<string, readonly number[]>> = { "gunicorn-access": [153, 187, 188, 189] };

describe.skipIf(CORPORA === undefined)("labelled logs (skipped where HOLDFAST_CORPORA does not name them)", () => {
  test.each(names)("%s: events as labelled, with time, address, actor and role", (name) => {
    const labels = labelsOf(name);
    const events = readAll(name);
    const { recall, precision, missed, wrong } = score(
      events.filter((event) => !ACCESS_ALONE[name]?.includes(event.line)),
      labels,
    );
    if (process.env.HOLDFAST_CORPORA_VERBOSE !== undefined) console.log(name, events.length, { recall, precision, missed, wrong });
    expect(recall, `missed: ${missed.join("; ")}`).toBeGreaterThanOrEqual(0.99);
    expect(precision, wrong.join("; ")).toBeGreaterThanOrEqual(0.99);
    expect(contradictions(name, events, labels)).toEqual([]);
  });

  test("an access log and the application's own tell every occurrence once", () => {
    const told = (first: string, second: string) => {
      const occurrences = openOccurrences();
      return [...readAll(first, { occurrences }), ...readAll(second, { occurrences })];
    };
    const labels = Object.values(labelsOf("gunicorn-error").events).filter((label) => label.same_as === undefined);
    const counts = (events: readonly { readonly kind: string }[]): Readonly<Record<string, number>> =>
      Object.fromEntries(events.map(({ kind }) => [kind, events.filter((other) => other.kind === kind).length]));
    // One forged line more, which nobody can tell from a true one.
    const forged = { "auth-failed": (counts(labels)["auth-failed"] ?? 0) + 1 };
    expect(counts(told("gunicorn-error", "gunicorn-access"))).toEqual({ ...counts(labels), ...forged });
  });

  test("OpenSSH under attack: failures per address in half-open windows", () => {
    const lines = file("OpenSSH_2k.log")
      .split(/\r?\n/)
      .map((text, index) => ({ text, source: "sshd", number: index + 1, stamp: null }));
    const reader = openReader(options("sshd", { reference: Date.UTC(2015, 11, 31) }));
    const failures = lines.flatMap((line) => reader.read(line)).filter((event) => event.kind === "auth-failed");
    const alerting = (threshold: number, within: number) => {
      const firsts = new Map<string, number>();
      for (const event of failures) {
        const inside = failures.filter(
          (other) => other.ip === event.ip && other.line <= event.line && (event.at ?? 0) - (other.at ?? 0) < within,
        );
        const count = inside.reduce((sum, other) => sum + other.times, 0);
        if (count >= threshold && event.ip !== null && !firsts.has(event.ip)) firsts.set(event.ip, event.at ?? 0);
      }
      return { ips: firsts.size, first: new Date(Math.min(...firsts.values())).toISOString().slice(11, 19) };
    };
    expect(alerting(5, 60_000)).toEqual({ ips: 11, first: "07:13:56" });
    expect(alerting(10, 300_000)).toEqual({ ips: 6, first: "07:28:14" });
  });

  test.each(names)("%s: stopped and taken up at any line, or with every line after a prefilter, it tells the same", (name) => {
    const whole = readAll(name);
    const lines = linesOf(name);
    let state: ReaderState | undefined;
    const taken: Event[] = [];
    lines.forEach((line, index) => {
      const reader = openReader(options(name, state === undefined ? {} : { state }));
      taken.push(...reader.read(line));
      if (index === lines.length - 1) taken.push(...reader.flush());
      state = JSON.parse(JSON.stringify(reader.state())) as ReaderState; // what was written is what was read
    });
    expect(taken).toEqual(whole);
    for (const kinds of [null, ...new Set(whole.map((event) => event.kind))]) {
      const scanner = openScanner(cluesOf(options(name), kinds === null ? null : new Set([kinds])) ?? []);
      const reader = openReader(options(name));
      const filtered = lines.flatMap((line) => {
        const { written } = new TextEncoder().encodeInto(line.text, scanner.text);
        return reader.waits() || scanner.holds(0, written) ? reader.read(line) : [];
      });
      const of = (events: readonly Event[]) => events.filter((event) => kinds === null || event.kind === kinds);
      expect(of([...filtered, ...reader.flush()])).toEqual(of(whole));
    }
  });
});

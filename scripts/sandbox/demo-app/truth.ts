import { isDeepStrictEqual } from "node:util";
import type { Row, Tables } from "./database.ts";
import { type JournalEntry, readJournal } from "./journal.ts";

/** The versions of a row that are right; undefined stands for a row that does not exist. */
type Versions = readonly (Row | undefined)[];
export type Truth = ReadonlyMap<string, ReadonlyMap<unknown, Versions>>;

export interface WrongRow {
  readonly table: string;
  readonly id: unknown;
  readonly expected: Versions;
  readonly actual: Row | undefined;
}

/** A recovery target has milliseconds, a commit microseconds: a commit this close to it may be in or out. */
const tolerance = 1_000n;

/**
 * What the tables held at a time: the first rows and every commit up to it, in the order of commit. A row that a commit within a
 * millisecond of the time touched is right before and after that commit.
 */
export async function truthAt(journalFile: string, initial: Tables, time: Date | string): Promise<Truth> {
  const at = microseconds(typeof time === "string" ? time : time.toISOString());
  const entries: { readonly entry: JournalEntry; readonly at: bigint }[] = [];
  for await (const entry of readJournal(journalFile)) {
    const committed = microseconds(entry.at);
    if (committed <= at + tolerance) entries.push({ entry, at: committed });
  }
  entries.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  const truth = new Map(
    Object.entries(initial).map(([table, rows]) => [table, new Map<unknown, Versions>(rows.map((row) => [row.id, [row]]))]),
  );
  for (const { entry, at: committed } of entries) {
    let table = truth.get(entry.table);
    if (!table) {
      table = new Map();
      truth.set(entry.table, table);
    }
    for (const row of entry.rows) {
      const version = entry.op === "delete" ? undefined : row;
      table.set(row.id, committed < at - tolerance ? [version] : [...(table.get(row.id) ?? [undefined]), version]);
    }
  }
  return truth;
}

/** Every row that is missing, foreign or different. */
export function compareWithTruth(truth: Truth, actual: Tables): readonly WrongRow[] {
  const wrong: WrongRow[] = [];
  for (const [table, expected] of truth) {
    const found = new Map((actual[table] ?? []).map((row) => [row.id, row]));
    for (const id of new Set([...expected.keys(), ...found.keys()])) {
      const versions = expected.get(id) ?? [undefined];
      const row = found.get(id);
      if (!versions.some((version) => isDeepStrictEqual(version, row))) wrong.push({ table, id, expected: versions, actual: row });
    }
  }
  return wrong;
}

function microseconds(time: string): bigint {
  const [, seconds, fraction = ""] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?Z$/.exec(time) ?? [];
  if (seconds === undefined) throw new Error(`${time} is not a UTC time such as 2026-11-20T11:03:12.123456Z`);
  return BigInt(Date.parse(`${seconds}Z`)) * 1_000n + BigInt(fraction.padEnd(6, "0"));
}

/** Alembic and Flask-Migrate: `Running upgrade ae1027a6acf -> 27c6a30d7c24, drop legacy`, under any logging layout, printed before it runs. */
import { type Clue, clue } from "../clue.ts";
import { type Format, type Memory, NOTHING, reading, type Sighting, sighting } from "./format.ts";

export const ALEMBIC_CLUES: readonly Clue[] = [
  clue("migration-ran", ["running upgrade", "running downgrade", "generating static sql", "context impl"]),
];

/** Null: not Alembic's. */
export function tellAlembic(message: string, memory: Memory): readonly Sighting[] | null {
  if (message.startsWith("Context impl ")) {
    memory.offlineSql = false;
    return NOTHING;
  }
  if (message.startsWith("Generating static SQL")) {
    // `--sql` prints the same lines for what it only writes down.
    memory.offlineSql = true;
    return NOTHING;
  }
  if (!message.startsWith("Running upgrade ") && !message.startsWith("Running downgrade ")) return null;
  const migration = migrationOf(message);
  return migration === null || memory.offlineSql ? NOTHING : [sighting("migration-ran", "migration-tool", { migration })];
}

/** Where it goes to; for a downgrade, what is undone. The message behind the revisions is free text and may hold arrows and commas. */
function migrationOf(message: string): string | null {
  const arrow = message.indexOf("->");
  if (arrow === -1) return null;
  const from = message.slice(message.indexOf(" ", 9), arrow).trim();
  const to = /^[^\s,]{1,200}/.exec(message.slice(arrow + 2).trimStart())?.[0] ?? from;
  return message.startsWith("Running downgrade") ? `${from} undone` : to;
}

/** Alembic's own layout has no time; Python's reader takes its heads. This takes what stands without one. */
export const alembic: Format = {
  name: "alembic",
  clues: ALEMBIC_CLUES,
  read(text, memory) {
    if (text.charCodeAt(0) !== 0x52) return null;
    const told = tellAlembic(text, memory);
    return told === null ? null : reading(null, told);
  },
};

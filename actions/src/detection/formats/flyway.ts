/** Flyway, from its command line and under any logging layout: each migration is announced, then a summary tells them again. */
import { type Clue, clue } from "../clue.ts";
import { type Format, type Memory, NOTHING, reading, type Sighting, sighting } from "./format.ts";

const MIGRATING =
  /^(?:Migrating|Undoing migration of) schema ["'`]?[^"'`]{0,128}["'`]? (?:to version |with repeatable migration )["']?(.{1,300}?)["']?(?: \[(?:out of order|non-transactional)\]){0,2}$/;
const APPLIED = /^Successfully (?:applied|undid) (\d{1,6}) migrations? /;
const CLEANED = /^Successfully (?:cleaned|dropped) schema ["'`]?([^"'`]{1,128})["'`]?/;

export const FLYWAY_CLUES: readonly Clue[] = [
  clue("migration-ran", [
    "migrating schema",
    "undoing migration",
    "successfully applied",
    "successfully undid",
    "successfully cleaned schema",
    "successfully dropped schema",
  ]),
];

/** Null: not Flyway's. */
export function tellFlyway(message: string, memory: Memory): readonly Sighting[] | null {
  const migrating = MIGRATING.exec(message);
  if (migrating !== null) {
    memory.announced++;
    return [sighting("migration-ran", "migration-tool", { migration: migrating[1] ?? null })];
  }
  const applied = APPLIED.exec(message);
  if (applied !== null) {
    const announced = memory.announced;
    memory.announced = 0;
    const untold = Number(applied[1]) - announced;
    return untold > 0 ? [sighting("migration-ran", "migration-tool", { times: untold })] : NOTHING;
  }
  const cleaned = CLEANED.exec(message);
  return cleaned === null
    ? null
    : [sighting("migration-ran", "migration-tool", { migration: `clean ${cleaned[1] ?? ""}`, destructive: true })];
}

export const flyway: Format = {
  name: "flyway",
  clues: FLYWAY_CLUES,
  read(text, memory) {
    const first = text.charCodeAt(0);
    // M, S, U: the command line has no head for information.
    if (first !== 0x4d && first !== 0x53 && first !== 0x55) return null;
    const told = tellFlyway(text, memory);
    return told === null ? null : reading(null, told);
  },
};

/** Liquibase: a change set is announced, each of its changes confirmed, then its end told. The announcement counts; the end where it is missing. */
import { type Clue, clue } from "../clue.ts";
import { type Format, type Memory, NOTHING, reading, type Sighting, sighting } from "./format.ts";

const ANNOUNCED = /^(?:Running|Rolling Back) Changeset: ?(.{1,512}::.{1,256}::.{1,256})$/i;
const RAN = /^ChangeSet (.{1,512}::.{1,256}::.{1,256}?) (?:ran successfully|has been (?:successfully )?rolled back)/i;
// Enough for one run's change sets between announcement and end, which follow each other.
const REMEMBERED = 64;

export const LIQUIBASE_CLUES: readonly Clue[] = [
  clue("migration-ran", ["running changeset", "rolling back changeset", "ran successfully", "rolled back"]),
];

/** Null: not Liquibase's. */
export function tellLiquibase(message: string, memory: Memory): readonly Sighting[] | null {
  const announced = ANNOUNCED.exec(message)?.[1];
  if (announced !== undefined) {
    memory.changeSets = [...memory.changeSets, announced].slice(-REMEMBERED);
    return [sighting("migration-ran", "migration-tool", { migration: announced })];
  }
  const ran = RAN.exec(message)?.[1];
  if (ran === undefined) return null;
  if (!memory.changeSets.includes(ran)) return [sighting("migration-ran", "migration-tool", { migration: ran })];
  memory.changeSets = memory.changeSets.filter((each) => each !== ran);
  return NOTHING;
}

const HEAD = /^(?:(?:INFO|Liquibase): )?(?=Running Changeset|Rolling Back Changeset|ChangeSet )/i;

export const liquibase: Format = {
  name: "liquibase",
  clues: LIQUIBASE_CLUES,
  read(text, memory) {
    const head = HEAD.exec(text)?.[0];
    const told = head === undefined ? null : tellLiquibase(text.slice(head.length), memory);
    return told === null ? null : reading(null, told);
  },
};

import type { Event } from "../event.ts";
import type { ApprovedMigration, Rule } from "../rule.ts";

/** Migrations that no approval names, or outside the time it holds for. Without a list of approvals nothing is known, and nothing is told. */
export const unapprovedMigration: Rule = {
  id: "unapproved-migration",
  severity: "HIGH",
  threshold: 1,
  within: "10m",
  key: "none",
  kinds: ["migration-ran"],
  weigh: "times",
  admin: "any",
  override: "none",
  matches: (event, approved) => approved !== null && !approved.some((each) => covers(each, event)),
};

/** Tools name a migration with more or less around it: the approved name must stand in it as a word of its own. */
function covers({ migration, from, until }: ApprovedMigration, { at, migration: ran }: Event): boolean {
  if (at === null || ran === null || migration === "" || at < from || at >= until) return false;
  return ran === migration || ran.split(/[^\w.-]+/).includes(migration);
}

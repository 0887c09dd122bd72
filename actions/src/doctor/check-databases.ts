import type { Cluster, Guard } from "../domain/index.ts";
import { type Facts, isUnread, type LedgerFacts } from "./facts.ts";
import { type Finding, fail, pass, unknown, warn } from "./finding.ts";

const UNSEEN = { unread: "no migration was planned yet", needs: "Plan what is pending once: on the page, or by migrate.yml" };

/** What stands inside the databases whose migrations go through the gate: who could go around it, and whether the guards are whole. */
export function checkDatabases({ config, ledger }: Facts): readonly Finding[] {
  // Both are said to be unread by the checks that are about them.
  if (isUnread(config) || isUnread(ledger) || ledger.broken !== null) return [];
  return config.clusters.filter(({ migrations }) => migrations !== undefined).flatMap((cluster) => checkDatabase(cluster, ledger));
}

function checkDatabase({ id }: Cluster, { protections }: LedgerFacts): readonly Finding[] {
  const seen = protections[id] ?? null;
  if (seen === null) return [unknown("database-roles", id, UNSEEN), unknown("database-guards", id, UNSEEN)];
  return [roles(id, seen.schemaChangers), guards(id, seen.guards)];
}

function roles(id: string, changers: readonly string[]): Finding {
  return changers.length <= 1
    ? pass("database-roles", id, `lets ${changers[0] ?? "no role that logs in"} alone change the schema`)
    : warn(
        "database-roles",
        id,
        `lets ${changers.length} roles change the schema: ${changers.join(", ")}. What an application runs at start-up goes around the gate`,
        "Give the application a login that owns nothing and may not CREATE in the schema (docs/migrations.md, Roles)",
      );
}

function guards(id: string, all: readonly Guard[]): Finding {
  const broken = all.filter((guard) => guard.broken.length > 0);
  if (broken.length === 0) return pass("database-guards", id, all.length === 0 ? "has no guards" : `has ${all.length} guarded tables`);
  const names = broken.map((guard) => `${guard.schema}.${guard.table} (${guard.broken.join(", ")})`);
  return fail(
    "database-guards",
    id,
    `has guards that do not hold, triggers missing or off: ${names.join("; ")}`,
    "npx --no-install holdfast guard prints the migration that puts them back (docs/guard.md)",
  );
}

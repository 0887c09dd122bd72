import type { Finding } from "./verdict.ts";

/**
 * Every finding there is, in one place: what it says and the safer way. A judge picks one and names what it is about; ids are stable, because
 * files name them to let a finding pass.
 */
type Sort = Omit<Finding, "id" | "message" | "allowedBecause"> & { message(what: string): string };

const sorts = {
  "drop-table": {
    verdict: "destroys-data",
    message: (what) => `Drops the table ${what} with every row in it`,
    saferWay: "Rename the table, wait until nothing has asked for it for a while, and drop it in a later migration after a snapshot.",
  },
  "drop-schema": {
    verdict: "destroys-data",
    message: (what) => `Drops the schema ${what}; with CASCADE everything in it goes too`,
    saferWay: "Drop the objects one by one by name, so that what is lost can be read.",
  },
  "drop-database": { verdict: "destroys-data", message: (what) => `Drops the database ${what}`, saferWay: "Never in a migration." },
  "drop-owned": {
    verdict: "destroys-data",
    message: (what) => `Drops everything that ${what} owns, tables included`,
    saferWay: "REASSIGN OWNED first, and drop by name what is no longer needed.",
  },
  "drop-column": {
    verdict: "destroys-data",
    message: (what) => `Drops the column ${what} with its value in every row`,
    saferWay: "Stop reading and writing it first, keep it for one release, and drop it after a snapshot.",
  },
  truncate: {
    verdict: "destroys-data",
    message: (what) => `Empties ${what}`,
    saferWay: "Delete the rows that should go by a condition, in batches, after counting them.",
  },
  "delete-all": {
    verdict: "destroys-data",
    message: (what) => `Deletes every row of ${what}: there is no condition, or one that always holds`,
    saferWay: "Give it a condition that names the rows, and compare the count with what is expected.",
  },
  "delete-some": {
    verdict: "may-destroy-data",
    message: (what) => `Deletes the rows of ${what} that meet its condition`,
    saferWay: "Count them first with the same condition; where they may be wanted again, move them aside instead.",
  },
  "update-all": {
    verdict: "destroys-data",
    message: (what) => `Overwrites ${what} in every row: there is no condition, or one that always holds`,
    saferWay: "Write into a new column and switch over, or give it a condition; the old values are gone otherwise.",
  },
  "update-some": {
    verdict: "may-destroy-data",
    message: (what) => `Overwrites ${what} where its condition holds`,
    saferWay: "Keep the old values in a column or table of their own until the new ones are proven.",
  },
  "overwrite-on-conflict": {
    verdict: "may-destroy-data",
    message: (what) => `Overwrites rows of ${what} that are already there`,
    saferWay: "ON CONFLICT DO NOTHING, or write only columns that are empty.",
  },
  "merge-delete": {
    verdict: "may-destroy-data",
    message: (what) => `Deletes rows of ${what} from within a MERGE`,
    saferWay: "Delete in a statement of its own whose condition can be counted first.",
  },
  "merge-update": {
    verdict: "may-destroy-data",
    message: (what) => `Overwrites rows of ${what} from within a MERGE`,
    saferWay: "Keep the old values until the new ones are proven.",
  },
  backfill: {
    verdict: "locks",
    message: (what) => `Fills ${what} for many rows in one statement: it locks them all until the end`,
    saferWay: "Fill it in batches outside the migration.",
  },
  "drop-constraint": {
    verdict: "may-destroy-data",
    message: (what) => `Drops the constraint ${what}: from then on rows may be doubled, orphaned or wrong, and nobody notices`,
    saferWay: "Add its replacement first, and drop the old one in the same statement.",
  },
  "drop-sequence": {
    verdict: "may-destroy-data",
    message: (what) => `Drops the sequence ${what} and forgets which numbers were given out`,
    saferWay: "Keep it until no default and no application uses it.",
  },
  "drop-cascade": {
    verdict: "may-destroy-data",
    message: (what) => `Drops ${what} with CASCADE: whatever depends on it goes too, columns included, unseen`,
    saferWay: "Without CASCADE PostgreSQL lists what depends on it; drop those by name.",
  },
  "drop-trigger": {
    verdict: "may-destroy-data",
    message: (what) => `Drops the trigger ${what}: what it kept, copied or refused is kept, copied or refused no more`,
    saferWay: "Make its replacement in the same migration.",
  },
  "disable-trigger": {
    verdict: "may-destroy-data",
    message: (what) => `Switches off triggers or rules of ${what}; with ALL that includes its foreign keys`,
    saferWay: "Leave them on, or do the work inside one transaction that switches them on again.",
  },
  "skip-triggers": {
    verdict: "may-destroy-data",
    message: () => "session_replication_role switches off triggers and foreign keys for what follows",
    saferWay: "Leave it alone; load data in an order that the keys allow.",
  },
  "detach-partition": {
    verdict: "may-destroy-data",
    message: (what) => `Takes a partition out of ${what}: its rows are no longer seen there`,
    saferWay: "Detach concurrently, and keep the partition until nobody misses it.",
  },
  "set-unlogged": {
    verdict: "may-destroy-data",
    message: (what) => `Makes ${what} unlogged: after a crash, or in a restored or replicated cluster, it is empty`,
    saferWay: "Keep tables logged whose rows anybody needs.",
  },
  "narrow-type": {
    verdict: "may-destroy-data",
    message: (what) => `Converts ${what} into a type that may hold less: values are rounded, cut or read differently`,
    saferWay: "Add a column of the new type, fill and compare it, then switch over.",
  },
  "change-type": {
    verdict: "rewrites",
    message: (what) => `Changes the type of ${what}: PostgreSQL may rewrite the table under a lock that stops reads and writes`,
    saferWay: "Add a column of the new type, fill it in batches, then switch over.",
  },
  "rewriting-default": {
    verdict: "rewrites",
    message: (what) =>
      `Adds the column ${what} with a value that differs by row: the table is rewritten under a lock that stops reads and writes`,
    saferWay: "Add the column without it, fill it in batches, then set the default.",
  },
  "rewrite-table": {
    verdict: "rewrites",
    message: (what) => `Rewrites ${what} under a lock that stops reads and writes`,
    saferWay: "Do it in a maintenance window, or copy into a new table and switch over.",
  },
  "not-null": {
    verdict: "locks",
    message: (what) => `Makes ${what} NOT NULL: every row is read while reads and writes wait, and one null makes it fail`,
    saferWay: "Add a CHECK … IS NOT NULL as NOT VALID, validate it, then set NOT NULL.",
  },
  "required-column": {
    verdict: "locks",
    message: (what) => `Adds the column ${what} as NOT NULL without a default: it fails where the table has rows`,
    saferWay: "Give it a constant default, or add it nullable and fill it.",
  },
  "validating-constraint": {
    verdict: "locks",
    message: (what) => `Adds the constraint ${what} and reads every row for it while writes wait`,
    saferWay: "Add it as NOT VALID, then VALIDATE CONSTRAINT in a migration of its own.",
  },
  "unique-constraint": {
    verdict: "locks",
    message: (what) => `Adds the key ${what} and builds its index while reads and writes wait`,
    saferWay: "CREATE UNIQUE INDEX CONCURRENTLY first, then ADD CONSTRAINT … USING INDEX.",
  },
  "blocking-index": {
    verdict: "locks",
    message: (what) => `Builds or drops the index ${what} while writes wait`,
    saferWay: "Use CONCURRENTLY, in a migration that runs without a transaction.",
  },
  "exclusive-lock": {
    verdict: "locks",
    message: (what) => `Locks ${what} against reads and writes`,
    saferWay: "Set a lock_timeout, and run it when traffic is low.",
  },
  rename: {
    verdict: "locks",
    message: (what) => `Renames ${what}: the application that runs now asks for the old name and fails`,
    saferWay: "Add the new name beside the old (a view, or a copied column), switch the application, then remove the old.",
  },
  "guard-override": {
    verdict: "style",
    message: () => "Lets so many rows of a table pass its guard for a while, whoever changes them",
    saferWay: "No more rows, and no longer, than the work needs; in the migration that does the work, where a migration does it.",
  },
  "drop-helper": {
    verdict: "style",
    message: (what) => `Drops ${what}: it holds no rows, but whoever still uses it fails`,
    saferWay: "Search for its users first.",
  },
  "transaction-control": {
    verdict: "style",
    message: (what) => `${what} inside the file: whoever runs the migration decides about its transaction, and applying refuses this`,
    saferWay: "Leave it out.",
  },
  "drop-rls": {
    verdict: "style",
    message: (what) => `Changes who sees which rows of ${what}`,
    saferWay: "Have it read by whoever answers for the data.",
  },
  "body-changes-data": {
    verdict: "style",
    message: (what) => `Makes ${what}, which changes rows when it is called`,
    saferWay: "Nothing, if that is what it is for.",
  },
  "body-destroys-data": {
    verdict: "may-destroy-data",
    message: (what) => `Makes ${what}, which destroys data when it is called`,
    saferWay: "Give it conditions that name the rows; say in a comment who calls it.",
  },
  "dynamic-sql": {
    verdict: "may-destroy-data",
    message: (what) => `Executes SQL that is put together while it runs, so nobody can know now what it does: ${what}`,
    saferWay: "Write the statement out, or build it with format() from %I and %L alone.",
  },
  "unknown-function": {
    verdict: "may-destroy-data",
    message: (what) => `Calls ${what}, which is not in this file: it may do anything`,
    saferWay: "Call it from where its body can be read, or let the finding pass with a reason.",
  },
  "unreadable-body": {
    verdict: "may-destroy-data",
    message: (what) => `Holds a body that cannot be read here (${what}): it may do anything`,
    saferWay: "Write it in SQL or PL/pgSQL.",
  },
  "unknown-statement": {
    verdict: "may-destroy-data",
    message: (what) => `A kind of statement that is not judged yet (${what})`,
    saferWay: "Read it with care; let the finding pass with a reason.",
  },
  "leaves-database": {
    verdict: "may-destroy-data",
    message: (what) => `${what} reaches outside of the database, where no snapshot helps; applying refuses it`,
    saferWay: "Do such work outside of migrations.",
  },
  "changes-role": {
    verdict: "may-destroy-data",
    message: (what) => `${what} works with other rights than those the migration was given; applying refuses it`,
    saferWay: "Run the migration as the role that may do this.",
  },
  "changes-server": {
    verdict: "may-destroy-data",
    message: (what) => `${what} changes the server or its replication, not this database's schema`,
    saferWay: "Change it where the cluster's parameters are kept.",
  },
} as const satisfies Record<string, Sort>;

export type FindingId = keyof typeof sorts;

export function finding(id: FindingId, what = ""): Finding {
  const { verdict, message, saferWay } = sorts[id];
  return { id, verdict, message: `${message(what)}.`, saferWay };
}

export function isFindingId(text: string): text is FindingId {
  return Object.hasOwn(sorts, text);
}

export const FINDING_IDS: readonly string[] = Object.keys(sorts);

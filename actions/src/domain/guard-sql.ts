/**
 * Guards inside the database: the SQL that installs, removes and overrides them, written as migrations that go the way of all migrations. Nothing
 * here reaches a database; what it prints is the same for the same input.
 */
import { LOST_UPDATE_FUNCTIONS, lostUpdateTriggers, raiseFunction } from "./guard-lost-updates.ts";
import { MASS_CHANGE_FUNCTIONS, MASS_CHANGE_TABLES, type MassChangeLimits, massChangeTriggers } from "./guard-mass-changes.ts";
import { literal, type TableName, tableSql } from "./guard-table.ts";

export interface Guards {
  readonly tables: readonly TableName[];
  /** Null: mass changes are not guarded against. */
  readonly limits: MassChangeLimits | null;
  /** The column that holds a row's version; null: lost updates are not guarded against. */
  readonly versionColumn: string | null;
}

const SCHEMA = "create schema if not exists holdfast_guard;";

// A trigger function needs no right of whoever makes it fire; without these, nobody else can hang one on a table of their own.
const RIGHTS = `revoke all on schema holdfast_guard from public;
revoke all on all tables in schema holdfast_guard from public;
revoke all on all functions in schema holdfast_guard from public;`;

/** Installs what is not there yet, and replaces what is. */
export function installSql({ tables, limits, versionColumn }: Guards): string {
  return migration([
    SCHEMA,
    ...(limits === null ? [] : [MASS_CHANGE_TABLES, MASS_CHANGE_FUNCTIONS]),
    ...(versionColumn === null ? [] : [LOST_UPDATE_FUNCTIONS, raiseFunction(versionColumn)]),
    RIGHTS,
    ...tables.flatMap((table) => [
      ...(limits === null ? [] : [massChangeTriggers(table, limits)]),
      ...(versionColumn === null ? [] : [lostUpdateTriggers(table, versionColumn)]),
    ]),
  ]);
}

export const MASS_CHANGE_TRIGGERS = ["holdfast_guard_update", "holdfast_guard_delete", "holdfast_guard_truncate"] as const;
export const LOST_UPDATE_TRIGGERS = ["holdfast_guard_stale", "holdfast_guard_version"] as const;

/** `which`: of these tables, the triggers of one guard or of both. */
export function removeSql(tables: readonly TableName[], which: "all" | "lost-updates"): string {
  const names = which === "all" ? [...MASS_CHANGE_TRIGGERS, ...LOST_UPDATE_TRIGGERS] : LOST_UPDATE_TRIGGERS;
  return migration(tables.map((table) => names.map((name) => `drop trigger if exists ${name} on ${tableSql(table)};`).join("\n")));
}

/** Every guard of every table, and all that belongs to them. */
export const REMOVE_EVERYTHING = migration(["drop schema if exists holdfast_guard cascade;"]);

export interface Override {
  readonly table: TableName;
  /** That may be changed in all while it is in force, beyond what is allowed anyway. */
  readonly rows: number;
  /** From the moment in which the migration is applied. */
  readonly seconds: number;
  readonly reason: string;
}

export function overrideSql({ table, rows, seconds, reason }: Override): string {
  return migration([
    `insert into holdfast_guard.overrides (schema_name, table_name, rows, valid_until, reason)
values (${literal(table.schema)}, ${literal(table.name)}, ${rows}, clock_timestamp() + interval '${seconds} seconds', ${literal(reason)});`,
  ]);
}

function migration(parts: readonly string[]): string {
  return `${parts.join("\n\n")}\n`;
}

import { identifier, type TableName, tableSql } from "./guard-table.ts";

// 40001 is what frameworks try again by themselves. No key and no version: both are values of a row.
export const LOST_UPDATE_FUNCTIONS = `create or replace function holdfast_guard.refuse_stale() returns trigger
  language plpgsql set search_path = pg_catalog, pg_temp as $guard$
begin
  raise exception using errcode = '40001',
    message = format('holdfast guard: a write to %I.%I carries a stale row version', tg_table_schema, tg_table_name),
    hint = 'Somebody else wrote to the row since it was read: read it again and try again.',
    schema = tg_table_schema, table = tg_table_name;
end $guard$;`;

/** One for each name of a column: reaching a field by a name that is only known at run time costs ten times as much. */
export function raiseFunction(column: string): string {
  const field = identifier(column);
  return `create or replace function ${raises(column)}() returns trigger
  language plpgsql set search_path = pg_catalog, pg_temp as $guard$
begin
  new.${field} := coalesce(new.${field}, 0) + 1;
  return new;
end $guard$;`;
}

/**
 * A write carries the version that it read, or the next one as Hibernate and SQLAlchemy write it, or none. Conditions stand in the triggers, so
 * that a column that is missing or no number is found when they are made, not when somebody writes.
 */
export function lostUpdateTriggers(table: TableName, column: string): string {
  const [now, then] = [`new.${identifier(column)}`, `old.${identifier(column)}`];
  return `create or replace trigger holdfast_guard_stale before update on ${tableSql(table)} for each row
  when (${now} is distinct from ${then} and ${now} is distinct from coalesce(${then}, 0) + 1)
  execute function holdfast_guard.refuse_stale();
create or replace trigger holdfast_guard_version before update on ${tableSql(table)} for each row
  when (${now} is not distinct from ${then})
  execute function ${raises(column)}();`;
}

/** Six bytes longer than the column: `readColumnName` leaves room for them. */
function raises(column: string): string {
  return `holdfast_guard.${identifier(`raise ${column}`)}`;
}

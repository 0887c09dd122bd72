import { literal, type TableName, tableSql } from "./guard-table.ts";

export interface MassChangeLimits {
  /** Rows that one transaction may change. */
  readonly rows: number;
  /** Rows that one role may change in the window. */
  readonly windowRows: number;
  readonly windowSeconds: number;
  /** Of the table's rows, for both; null for no such limit. */
  readonly percent: string | null;
  /** What is never too much by percent: a tenth of a table of five rows is no row at all. */
  readonly leastRows: number;
  /** Only says in the log what it would refuse: how a limit is found for a table that is in use. */
  readonly observe: boolean;
}

/**
 * Writers add to what was changed, and skip what others are adding up, so that none waits for another. Unlogged: it is worth a window's length,
 * and neither replicated nor restored; without a sequence, because PostgreSQL cannot read an unlogged one after a restore from its log and would refuse
 * every write. Overrides are lasting, and count what they let pass.
 */
export const MASS_CHANGE_TABLES = `create unlogged table if not exists holdfast_guard.changes (
  relation oid not null, role name not null, at timestamptz not null, id uuid not null default gen_random_uuid(),
  xid xid8 not null, changed bigint not null, deleted bigint not null,
  primary key (relation, role, at, id)
);
create table if not exists holdfast_guard.overrides (
  id bigint primary key generated always as identity, schema_name name not null, table_name name not null,
  rows bigint not null check (rows > 0), used bigint not null default 0,
  valid_from timestamptz not null default clock_timestamp(), valid_until timestamptz not null,
  reason text not null, made_by name not null default session_user
);`;

// Rights alone would not do: default privileges and pg_write_all_data hand them out without being asked.
const OWNER_ONLY = `create or replace function holdfast_guard.refuse_others() returns trigger
  language plpgsql set search_path = pg_catalog, pg_temp as $guard$
begin
  if not pg_has_role(current_user, (select c.relowner from pg_class c where c.oid = tg_relid), 'usage') then
    raise exception using errcode = '42501', message = format('holdfast guard: only its owner may write to %I.%I', tg_table_schema, tg_table_name);
  end if;
  return null;
end $guard$;
create or replace trigger owner_only before insert or update or delete or truncate on holdfast_guard.overrides
  for each statement execute function holdfast_guard.refuse_others();
create or replace trigger owner_only before update or delete or truncate on holdfast_guard.changes
  for each statement execute function holdfast_guard.refuse_others();`;

/**
 * Runs as its owner, who alone may count and read overrides; session_user is then still the role that logged in. A statement that an override
 * let pass is counted there and not in the window, which else would refuse everybody's ordinary work afterwards.
 */
const REFUSE = `-- holdfast:allow body-destroys-data deletes nothing but the guard's own counts, to add them up or because its window is over
create or replace function holdfast_guard.refuse_mass_change() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $guard$
declare
  most constant bigint := tg_argv[0];
  most_in_window constant bigint := tg_argv[1];
  span constant interval := make_interval(secs => tg_argv[2]::double precision);
  percent constant numeric := nullif(tg_argv[3], '');
  least_rows constant bigint := tg_argv[4];
  moment constant timestamptz := clock_timestamp();
  me constant xid8 := pg_current_xact_id();
  affected bigint;
  in_transaction bigint;
  in_window bigint;
  gone bigint;
  needed bigint;
  present bigint;
  why text;
begin
  if tg_op = 'TRUNCATE' then
    -- Not counted further than it matters.
    select greatest(most, most_in_window, coalesce(max(o.rows - o.used), 0)) + 1 into needed from holdfast_guard.overrides o
      where o.schema_name = tg_table_schema and o.table_name = tg_table_name and o.valid_from <= moment and moment < o.valid_until;
    execute format('select count(*) from (select from %I.%I limit %L) s', tg_table_schema, tg_table_name, needed) into affected;
  else
    select count(*) into affected from old_rows;
  end if;
  if affected = 0 then
    return null;
  end if;

  select affected + coalesce(sum(c.changed) filter (where c.xid = me), 0),
      affected + coalesce(sum(c.changed) filter (where c.at > moment - span), 0),
      coalesce(sum(c.deleted), 0) + case when tg_op = 'DELETE' then affected else 0 end
    into in_transaction, in_window, gone
    from holdfast_guard.changes c
    where c.relation = tg_relid and c.role = session_user and c.at >= least(transaction_timestamp(), moment - span)
      and (c.xid = me or c.at > moment - span);

  if in_transaction > most then
    why := format('%s in one transaction, at most %s', in_transaction, most);
  elsif in_window > most_in_window then
    why := format('%s by role %I within %s s, at most %s', in_window, session_user, tg_argv[2], most_in_window);
  elsif percent is not null and greatest(in_transaction, in_window) > least_rows then
    needed := ceil(greatest(in_transaction, in_window) * 100 / percent);
    select c.reltuples into present from pg_class c where c.oid = tg_relid;
    -- An estimate may be old: only where it leaves no doubt is nothing counted, and never more than decides.
    if present < 2 * needed then
      execute format('select count(*) from (select from %I.%I limit %L) s', tg_table_schema, tg_table_name, needed) into present;
    end if;
    if present + gone < needed then
      why := format('%s of %s, at most %s percent', greatest(in_transaction, in_window), present + gone, percent);
    end if;
  end if;

  if why is not null and tg_argv[5] = 'observe' then
    raise warning using message = format('holdfast guard: %s on %I.%I would be refused: %s %s (%s)', tg_op, tg_table_schema, tg_table_name,
      affected, case affected when 1 then 'row' else 'rows' end, why);
    why := null;
  end if;
  if why is null then
    insert into holdfast_guard.changes (relation, role, at, xid, changed, deleted)
      values (tg_relid, session_user, moment, me, affected, case when tg_op = 'UPDATE' then 0 else affected end);
    -- Now and then, what others have committed is added up by twentieths of the window, so that few rows have to be summed. At other
    -- isolation levels a row that somebody else has just added up would be an error.
    if random() < 0.02 and current_setting('transaction_isolation') = 'read committed' then
      with taken as (
        delete from holdfast_guard.changes c where c.ctid = any (array(
          select f.ctid from holdfast_guard.changes f where f.relation = tg_relid and f.role = session_user and f.xid <> me
            limit 2000 for update skip locked))
        returning c.at, c.changed, c.deleted)
      insert into holdfast_guard.changes (relation, role, at, xid, changed, deleted)
        select tg_relid, session_user, max(t.at), '0', sum(t.changed), sum(t.deleted) from taken t where t.at > moment - span
          group by floor(20 * extract(epoch from t.at) / extract(epoch from span));
    end if;
    return null;
  end if;

  update holdfast_guard.overrides o set used = o.used + affected
    where o.used + affected <= o.rows and o.id = (
      select f.id from holdfast_guard.overrides f
        where f.schema_name = tg_table_schema and f.table_name = tg_table_name and f.valid_from <= moment and moment < f.valid_until
          and f.used + affected <= f.rows
        order by f.valid_until, f.id limit 1);
  if not found then
    raise exception using errcode = 'ZHF01',
      message = format('holdfast guard: %s on %I.%I refused: %s %s (%s)', tg_op, tg_table_schema, tg_table_name, affected,
        case affected when 1 then 'row' else 'rows' end, why),
      hint = format('Nothing of the statement was done. Work that is meant needs an approved override: npx --no-install holdfast guard --override --table %s.%s --rows N --for 15m --reason TEXT',
        tg_table_schema, tg_table_name),
      schema = tg_table_schema, table = tg_table_name;
  end if;
  return null;
end $guard$;`;

export const MASS_CHANGE_FUNCTIONS = `${OWNER_ONLY}\n\n${REFUSE}`;

/** The limits stand in the triggers themselves: a plan shows them, the schema's digest covers them, and no row can change them. */
export function massChangeTriggers(table: TableName, limits: MassChangeLimits): string {
  const { rows, windowRows, windowSeconds, percent, leastRows, observe } = limits;
  const given = [rows, windowRows, windowSeconds, percent ?? "", leastRows, observe ? "observe" : "refuse"];
  const call = `execute function holdfast_guard.refuse_mass_change(${given.map((each) => literal(String(each))).join(", ")})`;
  const on = tableSql(table);
  return `create or replace trigger holdfast_guard_update after update on ${on} referencing old table as old_rows
  for each statement ${call};
create or replace trigger holdfast_guard_delete after delete on ${on} referencing old table as old_rows
  for each statement ${call};
create or replace trigger holdfast_guard_truncate before truncate on ${on}
  for each statement ${call};`;
}

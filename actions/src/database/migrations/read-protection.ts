/** Which guards stand on which tables, and which roles can log in and change the schema. Reads the catalog alone, which every role may. */
import type pg from "pg";
import { type Guard, LOST_UPDATE_TRIGGERS, MASS_CHANGE_TRIGGERS, type Protection } from "../../domain/index.ts";

export async function readProtection(client: pg.Client): Promise<Protection> {
  const { rows: guarded } = await client.query<GuardedTable>(GUARDED_TABLES);
  const { rows: roles } = await client.query<{ role: string }>(SCHEMA_CHANGERS);
  return { guards: guarded.map(guardOf), schemaChangers: roles.map(({ role }) => role) };
}

interface GuardedTable {
  readonly schema: string;
  readonly table: string;
  readonly triggers: readonly {
    readonly name: string;
    readonly on: boolean;
    /** Of the function that it calls. */
    readonly calls: string;
    readonly arguments: readonly string[];
  }[];
}

const GUARDED_TABLES = `
select n.nspname as schema, c.relname as table,
  json_agg(json_build_object('name', t.tgname, 'on', t.tgenabled in ('O', 'A'), 'calls', p.proname,
    'arguments', string_to_array(encode(t.tgargs, 'escape'), '\\000')) order by t.tgname) as triggers
from pg_trigger t
  join pg_proc p on p.oid = t.tgfoid
  join pg_namespace f on f.oid = p.pronamespace
  join pg_class c on c.oid = t.tgrelid
  join pg_namespace n on n.oid = c.relnamespace
where f.nspname = 'holdfast_guard' and n.nspname <> 'holdfast_guard' and not t.tgisinternal and t.tgparentid = 0
group by n.nspname, c.relname order by n.nspname, c.relname`;

// AWS's own roles begin with rds. What an extension brought is nobody's application.
const SCHEMA_CHANGERS = `
with own as (
  select oid from pg_namespace where nspname !~ '^pg_' and nspname not in ('information_schema', 'holdfast', 'holdfast_guard')
    and not exists (select from pg_depend d where d.classid = 'pg_namespace'::regclass and d.objid = pg_namespace.oid and d.deptype = 'e')
)
select r.rolname as role from pg_roles r
where r.rolcanlogin and not r.rolsuper and r.rolname !~ '^rds' and (
  exists (select from own where has_schema_privilege(r.oid, own.oid, 'CREATE'))
  or exists (select from pg_class c join own on own.oid = c.relnamespace
    where c.relkind in ('r', 'p') and pg_has_role(r.oid, c.relowner, 'USAGE')))
order by r.rolname`;

const RAISES = "raise ";

function guardOf({ schema, table, triggers }: GuardedTable): Guard {
  const limits = triggers.find(({ calls }) => calls === "refuse_mass_change")?.arguments;
  const versionColumn = triggers.find(({ calls }) => calls.startsWith(RAISES))?.calls.slice(RAISES.length) ?? null;
  const stale = triggers.some(({ calls }) => calls === "refuse_stale");
  const wanted = [...(limits === undefined ? [] : MASS_CHANGE_TRIGGERS), ...(versionColumn === null && !stale ? [] : LOST_UPDATE_TRIGGERS)];
  return {
    schema,
    table,
    limits: limits === undefined ? null : limitsOf(limits),
    versionColumn,
    broken: wanted.filter((name) => !triggers.some((each) => each.name === name && each.on)),
  };
}

function limitsOf([rows, windowRows, windowSeconds, percent = "", leastRows, mode]: readonly string[]): Guard["limits"] {
  return {
    rows: Number(rows),
    windowRows: Number(windowRows),
    windowSeconds: Number(windowSeconds),
    percent: percent === "" ? null : percent,
    leastRows: Number(leastRows),
    observe: mode === "observe",
  };
}

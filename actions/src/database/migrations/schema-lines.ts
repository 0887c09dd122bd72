import type pg from "pg";
import { describeSchema } from "../inspect-database.ts";

/**
 * The schema as sorted sentences, with everything that a migration can change about it: beside columns, constraints and indexes also defaults,
 * views, functions, triggers, rules, types, sequences, policies, owners and grants. Two databases with the same lines behave alike. What an
 * extension brought, and Holdfast's own schema, are left out.
 */
export async function schemaLines(client: pg.Client): Promise<readonly string[]> {
  // Names are printed as the search path wants them; a migration that sets it must not change what is compared.
  const { rows: path } = await client.query<{ path: string }>("select current_setting('search_path') as path");
  await client.query("select set_config('search_path', 'pg_catalog', false)");
  try {
    const basic = (await describeSchema(client)).filter((line) => !/^(column|constraint \S+ on|index) holdfast\./.test(line));
    const { rows } = await client.query<{ line: string }>(MORE);
    return [...basic, ...rows.map(({ line }) => line)].toSorted();
  } finally {
    // Within a transaction that an error ended nothing can be set; its rollback takes the setting back.
    await client.query("select set_config('search_path', $1, false)", [path[0]?.path ?? ""]).catch(() => {});
  }
}

const MORE = `
with own as (
  select oid, nspname from pg_namespace
  where nspname not in ('pg_catalog', 'information_schema', 'holdfast') and nspname !~ '^pg_(toast|temp)'
),
brought as (select classid, objid from pg_depend where deptype = 'e')
select format('default of %s.%s: %s', d.adrelid::regclass, quote_ident(a.attname), pg_get_expr(d.adbin, d.adrelid)) as line
  from pg_attrdef d join pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum
  join pg_class c on c.oid = d.adrelid join own on own.oid = c.relnamespace
union all
select format('%s %s owner %s persistence %s security %s/%s options %s grants %s', c.relkind, c.oid::regclass, pg_get_userbyid(c.relowner), c.relpersistence,
    c.relrowsecurity, c.relforcerowsecurity, c.reloptions, c.relacl)
  from pg_class c join own on own.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'v', 'm', 'S', 'f') and (('pg_class'::regclass, c.oid) not in (select * from brought))
union all
select format('view %s: %s', c.oid::regclass, pg_get_viewdef(c.oid)) from pg_class c join own on own.oid = c.relnamespace
  where c.relkind in ('v', 'm') and (('pg_class'::regclass, c.oid) not in (select * from brought))
union all
select format('function %s owner %s grants %s: %s', p.oid::regprocedure, pg_get_userbyid(p.proowner), p.proacl,
    case when p.prokind in ('f', 'p') then pg_get_functiondef(p.oid) else p.prosrc end)
  from pg_proc p join own on own.oid = p.pronamespace where ('pg_proc'::regclass, p.oid) not in (select * from brought)
union all
select format('trigger on %s (%s): %s', t.tgrelid::regclass, t.tgenabled, pg_get_triggerdef(t.oid))
  from pg_trigger t join pg_class c on c.oid = t.tgrelid join own on own.oid = c.relnamespace where not t.tgisinternal
union all
select format('rule on %s (%s): %s', r.ev_class::regclass, r.ev_enabled, pg_get_ruledef(r.oid))
  from pg_rewrite r join pg_class c on c.oid = r.ev_class join own on own.oid = c.relnamespace where r.rulename <> '_RETURN'
union all
select format('policy %s on %s: %s %s %s %s %s', quote_ident(p.polname), p.polrelid::regclass, p.polcmd, p.polpermissive,
    (select array_agg(pg_get_userbyid(r) order by 1) from unnest(p.polroles) r), pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
  from pg_policy p join pg_class c on c.oid = p.polrelid join own on own.oid = c.relnamespace
union all
select format('type %s %s: %s', t.typtype, t.oid::regtype,
    coalesce((select string_agg(e.enumlabel, ',' order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid), format_type(t.typbasetype, t.typtypmod)))
  from pg_type t join own on own.oid = t.typnamespace
  where t.typtype in ('e', 'd', 'r') and (('pg_type'::regclass, t.oid) not in (select * from brought))
union all
select format('sequence %s: %s from %s by %s to %s', s.seqrelid::regclass, s.seqtypid::regtype, s.seqmin, s.seqincrement, s.seqmax)
  from pg_sequence s join pg_class c on c.oid = s.seqrelid join own on own.oid = c.relnamespace
union all
select format('inherits %s from %s', i.inhrelid::regclass, i.inhparent::regclass)
  from pg_inherits i join pg_class c on c.oid = i.inhrelid join own on own.oid = c.relnamespace where c.relkind in ('r', 'p', 'f')
union all
select format('comment on %s %s: %s', d.classoid::regclass, pg_describe_object(d.classoid, d.objoid, d.objsubid), md5(d.description))
  from pg_description d join pg_class c on d.classoid = 'pg_class'::regclass and c.oid = d.objoid join own on own.oid = c.relnamespace
union all
select format('invalid index %s', i.indexrelid::regclass)
  from pg_index i join pg_class c on c.oid = i.indexrelid join own on own.oid = c.relnamespace where not i.indisvalid
union all
select format('schema %s owner %s grants %s', n.nspname, pg_get_userbyid(n.nspowner), n.nspacl) from pg_namespace n join own on own.oid = n.oid
union all
select format('extension %s %s', extname, extversion) from pg_extension`;

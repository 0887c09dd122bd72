/** What the catalogs of one image say of a table. Reads no row. */
import type pg from "pg";
import type { TableFacts } from "../../recovery/rewind/judge-table.ts";

/**
 * Names are taken literally: `table`, then of the schema `public` if it is there, or `schema.table`. Null where there is none; throws where
 * several schemas have one.
 */
export async function describeTable(client: pg.Client, asked: string): Promise<TableFacts | null> {
  const oid = await findTable(client, asked);
  if (oid === null) return null;
  const { rows } = await client.query<{ facts: TableFacts }>(FACTS, [oid]);
  return rows[0]?.facts ?? null;
}

async function findTable(client: pg.Client, asked: string): Promise<string | null> {
  const dot = asked.indexOf(".");
  const [schema, name] = dot < 0 ? [null, asked] : [asked.slice(0, dot), asked.slice(dot + 1)];
  const { rows } = await client.query<{ oid: string; schema: string }>(
    `select c.oid::text, n.nspname as schema from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relname = $1 and c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
       and ($2::text is null or n.nspname = $2)`,
    [name, schema],
  );
  const best = rows.find((each) => each.schema === "public") ?? (rows.length === 1 ? rows[0] : undefined);
  if (best === undefined && rows.length > 1)
    throw new RangeError(`${asked} is in several schemas: ${rows.map((each) => each.schema).join(", ")}; write schema.table`);
  return best?.oid ?? null;
}

// The action codes of pg_constraint.confdeltype.
const ON_DELETE = `(case k.confdeltype when 'a' then 'no action' when 'r' then 'restrict' when 'c' then 'cascade' when 'n' then 'set null' else 'set default' end)`;
const nameOf = (oid: string) =>
  `(select n.nspname || '.' || o.relname from pg_class o join pg_namespace n on n.oid = o.relnamespace where o.oid = ${oid})`;
const namesOf = (table: string, numbers: string) =>
  `(select json_agg(a.attname order by u.n) from unnest(${numbers}) with ordinality u (attnum, n) join pg_attribute a on a.attrelid = ${table} and a.attnum = u.attnum)`;

const FACTS = `
select json_build_object(
  'table', ${nameOf("c.oid")},
  'kind', c.relkind, 'persistence', c.relpersistence,
  'inherits', c.relispartition or exists (select from pg_inherits i where c.oid in (i.inhrelid, i.inhparent)),
  'columns', (select coalesce(json_agg(json_build_object(
      'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'notNull', a.attnotnull,
      'generated', a.attgenerated <> '', 'identityAlways', a.attidentity = 'a',
      'sequence', (select s.oid::text from pg_depend d join pg_class s on s.oid = d.objid and s.relkind = 'S'
        where d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass and d.refobjid = c.oid and d.refobjsubid = a.attnum and d.deptype in ('a', 'i') limit 1)
    ) order by a.attnum), '[]') from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped),
  'key', coalesce((select ${namesOf("c.oid", "k.conkey")} from pg_constraint k where k.conrelid = c.oid and k.contype = 'p'), '[]'),
  'constraints', (select coalesce(json_agg(d order by d), '[]') from (
      select quote_ident(k.conname) || ' ' || pg_get_constraintdef(k.oid) as d from pg_constraint k where k.conrelid = c.oid and k.contype <> 't') x),
  'foreignKeys', (select coalesce(json_agg(json_build_object('name', k.conname, 'columns', ${namesOf("k.conrelid", "k.conkey")},
      'to', ${nameOf("k.confrelid")}, 'toColumns', ${namesOf("k.confrelid", "k.confkey")}, 'onDelete', ${ON_DELETE}) order by k.conname), '[]')
    from pg_constraint k where k.conrelid = c.oid and k.contype = 'f'),
  'referredToBy', (select coalesce(json_agg(json_build_object('name', k.conname, 'columns', ${namesOf("k.conrelid", "k.conkey")},
      'to', ${nameOf("k.conrelid")}, 'toColumns', ${namesOf("k.confrelid", "k.confkey")}, 'onDelete', ${ON_DELETE}) order by k.conname, k.oid), '[]')
    from pg_constraint k where k.confrelid = c.oid and k.contype = 'f'),
  'uniques', (select coalesce(json_agg(json_build_object(
      'parts', (select json_agg(pg_get_indexdef(i.indexrelid, n, false) order by n) from generate_series(1, i.indnkeyatts) n),
      'where', pg_get_expr(i.indpred, i.indrelid),
      'columns', (select coalesce(json_agg(distinct a.attname), '[]') from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and (a.attnum = any (i.indkey)
        or exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = i.indexrelid and d.refclassid = 'pg_class'::regclass and d.refobjid = c.oid and d.refobjsubid = a.attnum)))
    ) order by i.indexrelid), '[]') from pg_index i where i.indrelid = c.oid and i.indisunique and not i.indisprimary and i.indisvalid),
  'triggers', (select coalesce(json_agg(json_build_object('name', t.tgname, 'definition', pg_get_triggerdef(t.oid)) order by t.tgname), '[]')
    from pg_trigger t where t.tgrelid = c.oid and not t.tgisinternal and t.tgenabled <> 'D'),
  'rules', (select coalesce(json_agg(r.rulename order by r.rulename), '[]') from pg_rewrite r where r.ev_class = c.oid and r.rulename <> '_RETURN'),
  'rowSecurity', row_security_active(c.oid),
  'mayRead', has_table_privilege(c.oid, 'select'),
  'mayWrite', has_table_privilege(c.oid, 'insert') and has_table_privilege(c.oid, 'update') and has_table_privilege(c.oid, 'delete'),
  'largeObjects', exists (select from pg_largeobject_metadata) and exists (
      select from pg_attribute a join pg_type y on y.oid = a.atttypid
      where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and (a.atttypid = 'oid'::regtype or (y.typtype = 'd' and y.typbasetype = 'oid'::regtype))),
  'file', pg_relation_filenode(c.oid)::text
) as facts
from pg_class c where c.oid = $1::oid`;

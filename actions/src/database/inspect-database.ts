/** What a drill proves of a restored database beyond the configured checks. Nothing here reads a value of a row. */
import pg from "pg";

export interface IndexCheck {
  readonly checked: number;
  /** Names of indexes that do not fit their tables. */
  readonly broken: readonly string[];
}

/** How many rows each table holds; null for a table that does not exist. */
export async function countRows(client: pg.Client, tables: readonly string[]): Promise<Readonly<Record<string, number | null>>> {
  const counts: Record<string, number | null> = {};
  for (const table of tables) {
    const { rows } = await client.query<{ present: boolean }>("select to_regclass($1) is not null as present", [table]);
    if (rows[0]?.present !== true) {
      counts[table] = null;
      continue;
    }
    const name = table.split(".").map(pg.escapeIdentifier).join(".");
    const counted = await client.query<{ n: string }>(`select count(*) as n from ${name}`);
    counts[table] = Number(counted.rows[0]?.n);
  }
  return counts;
}

/** Every B-tree held against its rules by PostgreSQL's amcheck; null where the database does not have that extension. */
export async function checkIndexes(client: pg.Client): Promise<IndexCheck | null> {
  const { rows: extension } = await client.query("select 1 from pg_extension where extname = 'amcheck'");
  if (extension.length === 0) return null;
  const { rows } = await client.query<{ oid: string; name: string }>(
    `select c.oid::text, c.oid::regclass::text as name from pg_class c join pg_am a on a.oid = c.relam join pg_index i on i.indexrelid = c.oid
     where c.relkind = 'i' and a.amname = 'btree' and i.indisvalid and c.relpersistence = 'p' order by 2`,
  );
  const broken: string[] = [];
  for (const { oid, name } of rows) {
    try {
      await client.query("select bt_index_check($1::oid::regclass)", [oid]);
    } catch (error) {
      // XX002, index_corrupted, is the answer that was asked for; anything else is about the question.
      if (!(error instanceof pg.DatabaseError) || !error.code?.startsWith("XX")) throw error;
      broken.push(name);
    }
  }
  return { checked: rows.length, broken };
}

/** The schema as sorted sentences, one a column, constraint and index: what two databases can be compared by. */
export async function describeSchema(client: pg.Client): Promise<readonly string[]> {
  const { rows } = await client.query<{ line: string }>(
    `with own as (select oid from pg_namespace where nspname not in ('pg_catalog', 'information_schema') and nspname !~ '^pg_(toast|temp)')
     select format('column %s.%s %s%s', c.oid::regclass, quote_ident(a.attname), format_type(a.atttypid, a.atttypmod), case when a.attnotnull then ' not null' else '' end) as line
       from pg_attribute a join pg_class c on c.oid = a.attrelid join own on own.oid = c.relnamespace
       where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p')
     union all select format('constraint %s on %s: %s', quote_ident(k.conname), k.conrelid::regclass, pg_get_constraintdef(k.oid))
       from pg_constraint k join own on own.oid = k.connamespace where k.conrelid <> 0
     union all select format('index %s: %s', i.indexrelid::regclass, pg_get_indexdef(i.indexrelid))
       from pg_index i join pg_class c on c.oid = i.indexrelid join own on own.oid = c.relnamespace
     order by 1`,
  );
  return rows.map(({ line }) => line);
}

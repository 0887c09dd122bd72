/**
 * `npm run bench -- --guard`: what guards cost the writes that they let pass. The same work on a table without and with them, turn by turn on one
 * PostgreSQL, so that neighbours disturb both alike.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { installSql } from "../../actions/src/domain/index.ts";
import { startPostgres } from "../sandbox/postgres/postgres.ts";
import { median } from "./measure.ts";

export interface GuardOptions {
  readonly rounds: number;
  readonly say: (line: string) => void;
}

const ROWS = 100_000;
const LOOP = 300;
const BLOCK = 1_000;
// High enough that nothing is refused: what is measured is the price of being let pass.
const LIMITS = { rows: 1_000_000, windowRows: 1_000_000, windowSeconds: 60, percent: "50", leastRows: 10, observe: false };
// What the role has changed within the window already, row by row.
const BUSY = 5_000;

const TABLES = ["plain", "mass", "versions"] as const;
type Table = (typeof TABLES)[number];

interface Work {
  readonly name: string;
  /** Statements, by which the time is divided. */
  readonly statements: number;
  /** Single-row changes that are in the window when the work begins. */
  readonly changedBefore: number;
  run(client: pg.Client, table: Table): Promise<void>;
}

const update = (table: Table, id: string) => `update ${table} set note = note || 'x' where id = ${id}`;

async function sendOneByOne(client: pg.Client, table: Table): Promise<void> {
  for (let id = 1; id <= LOOP; id++) await client.query(update(table, String(id)));
}

async function inServer(client: pg.Client, table: Table, times: number, each = ""): Promise<void> {
  await client.query(`do $$ begin for id_ in 1..${times} loop ${update(table, "id_")}; ${each} end loop; end $$`);
}

const WORKS: readonly Work[] = [
  { name: `${LOOP} single rows, each a transaction, sent by a client`, statements: LOOP, changedBefore: 0, run: sendOneByOne },
  { name: `the same, ${BUSY} changes in the window before`, statements: LOOP, changedBefore: BUSY, run: sendOneByOne },
  {
    name: `${LOOP} single rows in one transaction, inside the server`,
    statements: LOOP,
    changedBefore: 0,
    run: (client, table) => inServer(client, table, LOOP),
  },
  {
    name: `${BLOCK} rows in one statement`,
    statements: 1,
    changedBefore: 0,
    async run(client, table) {
      await client.query(`update ${table} set note = note || 'x' where id <= ${BLOCK}`);
    },
  },
];

export async function benchGuard({ rounds, say }: GuardOptions): Promise<boolean> {
  const state = await mkdtemp(join(tmpdir(), "holdfast-bench-guard-"));
  const postgres = await startPostgres({ state });
  try {
    const login = { user: "admin", password: "for one measurement" };
    await postgres.create("one", "app", login);
    await postgres.open("one", "one");
    const client = new pg.Client({ host: "127.0.0.1", port: await postgres.portOf("one"), database: "app", ...login });
    await client.connect();
    try {
      await prepare(client);
      const lines: string[] = [];
      for (const work of WORKS) lines.push(await compare(client, work, rounds, say));
      process.stdout.write(`\n## Guards

\`npm run bench -- --guard --rounds ${rounds}\` (${cpus().length} cores, Node ${process.versions.node}, PostgreSQL 15; medians of ${rounds} rounds, ${ROWS} rows)

| work | a statement, unguarded | mass changes guarded | lost updates guarded |
|---|---|---|---|
${lines.join("\n")}
`);
      return true;
    } finally {
      await client.end();
    }
  } finally {
    await postgres.close();
    await rm(state, { recursive: true, force: true });
  }
}

async function prepare(client: pg.Client): Promise<void> {
  for (const table of TABLES)
    await client.query(`create table ${table} (id int primary key, email text not null, note text not null, version int not null default 0) with (fillfactor = 50);
      insert into ${table} select n, 'user' || n || '@example.com', 'n' from generate_series(1, ${ROWS}) n; analyze ${table}`);
  await client.query(installSql({ tables: [{ schema: "public", name: "mass" }], limits: LIMITS, versionColumn: null }));
  await client.query(installSql({ tables: [{ schema: "public", name: "versions" }], limits: null, versionColumn: "version" }));
}

async function compare(client: pg.Client, work: Work, rounds: number, say: GuardOptions["say"]): Promise<string> {
  const { name, statements, changedBefore } = work;
  const took: Record<Table, number[]> = { plain: [], mass: [], versions: [] };
  // The first round warms caches and is not counted.
  for (let round = 0; round <= rounds; round++) {
    for (const table of TABLES) {
      await client.query("truncate holdfast_guard.changes");
      await inServer(client, table, changedBefore, "commit;");
      await client.query(`update ${table} set note = 'n' where id <= ${BUSY}`);
      await client.query(`vacuum ${table}`);
      const started = performance.now();
      await work.run(client, table);
      if (round > 0) took[table].push(((performance.now() - started) * 1_000) / statements);
    }
  }
  const plain = median(took.plain);
  const shown = (table: Table) => `${format(median(took[table]))} (${(median(took[table]) / plain).toFixed(2)}×)`;
  const line = `| ${name} | ${format(plain)} | ${shown("mass")} | ${shown("versions")} |`;
  say(line);
  return line;
}

function format(microseconds: number): string {
  return microseconds < 1_000 ? `${microseconds.toFixed(0)} µs` : `${(microseconds / 1_000).toFixed(1)} ms`;
}

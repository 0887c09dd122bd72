/**
 * Random migrations against a real PostgreSQL: good ones, some that fail half-way, lose their connection, meet a lock, or have no transaction. After
 * each the database must be exactly as before or exactly as the statements by themselves make it, and what was told must say which.
 */
import { connect as connectTcp, createServer, type Server, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import fc from "fast-check";
import pg from "pg";
import type { DatabaseAccess } from "../src/database/connect.ts";
import { openMigrator, type ReadyMigration } from "../src/database/migrations/migrator.ts";
import { RolledBack } from "../src/database/migrations/run-migration.ts";
import { schemaLines } from "../src/database/migrations/schema-lines.ts";
import { digestOf } from "../src/domain/index.ts";
import { judgeMigration } from "../src/migrations/judge-migration.ts";

const GOOD = [
  "alter table users add column extra text",
  "alter table users add column score int not null default 7",
  "update users set note = 'seen' where id % 3 = 0",
  "delete from orders where id % 10 = 0",
  "insert into orders select n, 1 + n % 50, n from generate_series(1000, 1049) n",
  "create table made (id int primary key, name text)",
  "create index orders_by_user on orders (user_id)",
  "alter table orders add constraint positive check (amount > -1)",
  "do $$ begin update orders set amount = amount + 1 where id < 20; end $$",
  "truncate logs",
  "create view rich as select * from orders where amount > 50",
] as const;
const BAD = [
  "select 1 / 0",
  "insert into users values (1, 'double')",
  "alter table nothing add column a int",
  "alter table orders add constraint wrong check (amount < 0)",
] as const;
const ALONE = [
  "create index concurrently orders_by_amount on orders (amount)",
  "create unique index concurrently users_by_name on users (name)",
  "create unique index concurrently orders_by_user_once on orders (user_id)",
  "drop index concurrently users_by_note",
] as const;

interface Case {
  readonly statements: readonly string[];
  /** Where a statement that fails is put in; null for none. */
  readonly fails: { readonly at: number; readonly how: (typeof BAD)[number] } | null;
  /** After how many packets to the server the connection dies; null for never. */
  readonly dies: number | null;
  readonly locked: boolean;
}

const several = fc.record<Case>({
  statements: fc.shuffledSubarray([...GOOD], { minLength: 1, maxLength: 5 }),
  fails: fc.option(fc.record({ at: fc.nat(4), how: fc.constantFrom(...BAD) }), { freq: 2 }),
  dies: fc.option(fc.integer({ min: 1, max: 40 }), { freq: 2 }),
  locked: fc.boolean(),
});
const alone = fc.record<Case>({
  statements: fc.constantFrom(...ALONE).map((sql) => [sql]),
  fails: fc.constant(null),
  dies: fc.option(fc.integer({ min: 1, max: 40 }), { freq: 1 }),
  locked: fc.constant(false),
});

export interface Tally {
  applied: number;
  asBefore: number;
  /** Those whose outcome nobody could know until somebody looked again. */
  resumed: number;
}

/** Throws on the first migration that left anything else than before or after, or told another of the two. */
export async function runRandomMigrations(admin: DatabaseAccess, count: number, seed: number): Promise<Tally> {
  const tally: Tally = { applied: 0, asBefore: 0, resumed: 0 };
  await during(admin, async (client) => {
    await client.query("drop database if exists filled with (force)");
    await client.query("create database filled");
  });
  await during({ ...admin, database: "filled" }, fill);
  const cases = fc.sample(fc.oneof({ weight: 3, arbitrary: several }, { weight: 1, arbitrary: alone }), { numRuns: count, seed });
  for (const [index, each] of cases.entries()) {
    try {
      await runCase(admin, each, tally);
    } catch (error) {
      throw new Error(`migration ${index} of seed ${seed} broke: ${JSON.stringify(each)}`, { cause: error });
    }
  }
  return tally;
}

async function runCase(admin: DatabaseAccess, each: Case, tally: Tally): Promise<void> {
  const statements = each.fails === null ? each.statements : each.statements.toSpliced(each.fails.at, 0, each.fails.how);
  await during(admin, async (client) => {
    await client.query("drop database if exists app_now with (force)");
    await client.query("create database app_now template filled");
  });
  const access = { ...admin, database: "app_now" };
  const before = await during(access, stateOf);
  const after = await expectedOf(admin, statements);

  const cut = await openCut(access, each.dies);
  const blocker = each.locked ? await block(access) : null;
  const migration = ready(statements);
  const schema = await during(access, async (client) => digestOf(await schemaLines(client)));
  const attempt = (through: DatabaseAccess) =>
    openMigrator(through, {
      locksMs: 300,
      statementsMs: 20_000,
      invariants: { protect: ["users"], checks: [] },
      wait: () => pause(50),
    }).run(migration, schema, null);
  try {
    const told = await attempt(cut.through)
      .then(toldApplied, toldBefore)
      .catch(async () => {
        tally.resumed += 1;
        await blocker?.end();
        return resume(() => attempt(access));
      });
    const now = await settled(access);
    const same = JSON.stringify(now) === JSON.stringify(told === "applied" ? after : before);
    if (!same) throw new Error(`told ${told}, but the database is something else`);
    const lines = await openMigrator(access, {
      locksMs: 1,
      statementsMs: 1_000,
      invariants: { protect: [], checks: [] },
      wait: pause,
    }).history();
    const written = lines.some(({ state }) => state === "applied");
    if (written !== (told === "applied")) throw new Error(`told ${told}, but the history says ${JSON.stringify(lines)}`);
    tally[told === "applied" ? "applied" : "asBefore"] += 1;
  } finally {
    cut.server.close();
    await blocker?.end().catch(() => {});
  }
}

/** What the statements by themselves make of it; null where one of them fails. */
async function expectedOf(admin: DatabaseAccess, statements: readonly string[]): Promise<unknown> {
  const withTransaction = !statements.some((sql) => sql.includes("concurrently"));
  if (!withTransaction) {
    await during(admin, async (client) => {
      await client.query("drop database if exists twin with (force)");
      await client.query("create database twin template filled");
    });
  }
  return during({ ...admin, database: withTransaction ? "app_now" : "twin" }, async (client) => {
    if (withTransaction) await client.query("begin");
    try {
      for (const sql of statements) await client.query(sql);
      return await stateOf(client);
    } catch (error) {
      if (error instanceof pg.DatabaseError) return null;
      throw error;
    } finally {
      if (withTransaction) await client.query("rollback");
    }
  });
}

const toldApplied = (): "applied" => "applied";
const toldBefore = (error: unknown): "before" => {
  if (error instanceof RolledBack) return "before";
  throw error;
};

/** Somebody runs it again: a statement without a transaction may still be ending on the server. */
async function resume(attempt: () => Promise<unknown>): Promise<"applied" | "before"> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await attempt().then(toldApplied, (error: unknown) =>
        error instanceof RolledBack && /is applied already/.test(error.message) ? "applied" : toldBefore(error),
      );
    } catch (error) {
      if (tries === 5) throw error;
      await pause(500);
    }
  }
}

function ready(statements: readonly string[]): ReadyMigration {
  const text = statements.join(";\n");
  const migration = { version: "1", name: "random", file: "1_random.sql", text, digest: digestOf(text), bookkeeping: [] };
  return { ...judgeMigration(migration), requestId: "3f0e1c52-6d0b-4b7e-9d53-0f2a4c1be871" };
}

async function fill(client: pg.Client): Promise<void> {
  await client.query(`
    create table users (id int primary key, name text, note text);
    create index users_by_note on users (note);
    create table orders (id int primary key, user_id int references users, amount int);
    create table logs (id int);
    insert into users select n, 'user ' || n from generate_series(1, 100) n;
    insert into orders select n, 1 + n % 100, n % 90 from generate_series(1, 300) n;
    insert into logs select generate_series(1, 20)`);
}

async function stateOf(client: pg.Client): Promise<unknown> {
  const { rows: tables } = await client.query<{ name: string }>(
    "select tablename as name from pg_tables where schemaname = 'public' order by 1",
  );
  const contents: Record<string, unknown> = {};
  for (const { name } of tables) {
    const { rows } = await client.query<{ all: string | null }>(
      `select string_agg(t::text, chr(10) order by t::text) as all from ${pg.escapeIdentifier(name)} t`,
    );
    contents[name] = rows[0]?.all ?? null;
  }
  return { schema: (await schemaLines(client)).filter((line) => !line.startsWith("schema public")), contents };
}

/** The server ends the sessions of whoever is gone within a second or two; until then what they began may still be seen. */
async function settled(access: DatabaseAccess): Promise<unknown> {
  return during(access, async (client) => {
    for (;;) {
      const { rowCount } = await client.query(
        "select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
      );
      if (rowCount === 0) return stateOf(client);
      await pause(50);
    }
  });
}

async function block(access: DatabaseAccess): Promise<pg.Client> {
  const client = new pg.Client({ ...access, ssl: false });
  client.on("error", () => {});
  await client.connect();
  await client.query("begin; lock table users in share mode");
  // Whoever waits longer than the migration's own limit finds it gone, so that a case always ends.
  setTimeout(() => void client.end().catch(() => {}), 1_500).unref();
  return client;
}

async function during<T>(access: DatabaseAccess, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ ...access, ssl: false });
  client.on("error", () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** A network whose first connection dies after so many packets to the server; what comes after it lives. */
async function openCut(
  access: DatabaseAccess,
  dies: number | null,
): Promise<{ readonly server: Server; readonly through: DatabaseAccess }> {
  let first = true;
  const server = createServer((socket: Socket) => {
    const doomed = first && dies !== null;
    first = false;
    let packets = 0;
    const upstream = connectTcp(access.port, access.host);
    for (const end of [socket, upstream]) end.on("error", () => {});
    upstream.on("data", (data) => void (socket.destroyed || socket.write(data)));
    upstream.on("close", () => socket.destroy());
    socket.on("close", () => upstream.destroy());
    socket.on("data", (data) => {
      packets += 1;
      if (doomed && packets > dies) {
        // Passed on or not: an answer may be lost after the work, or the work before it was asked for.
        if (packets % 2 === 0) upstream.write(data, () => socket.destroy());
        else socket.destroy();
      } else upstream.write(data);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return { server, through: { ...access, port: typeof address === "object" && address !== null ? address.port : 0 } };
}

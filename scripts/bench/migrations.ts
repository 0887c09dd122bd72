/** Random migrations in one PostgreSQL, as many as are asked for: each is applied in full or leaves everything as it was, or this fails. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runRandomMigrations } from "../../actions/e2e/random-migrations.ts";
import { loadParser } from "../../actions/src/migrations/parser.ts";
import { startPostgres } from "../sandbox/postgres/postgres.ts";

export async function benchMigrations(count: number, seed: number): Promise<boolean> {
  const state = await mkdtemp(join(tmpdir(), "holdfast-bench-migrations-"));
  const postgres = await startPostgres({ state });
  try {
    await loadParser();
    const login = { user: "admin", password: "for one run" };
    await postgres.create("one", "app", login);
    await postgres.open("one", "one");
    const access = { host: "127.0.0.1", port: await postgres.portOf("one"), database: "app", ...login, tls: { mode: "disable" as const } };
    const started = performance.now();
    const tally = await runRandomMigrations(access, count, seed);
    const seconds = Math.round((performance.now() - started) / 1_000);
    process.stdout.write(`${JSON.stringify({ migrations: count, seed, ...tally, seconds })}\n`);
    return tally.applied + tally.asBefore === count;
  } finally {
    await postgres.close();
    await rm(state, { recursive: true, force: true });
  }
}

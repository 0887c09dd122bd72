/** A live database and its copy, on which a team's migrations go through what every stage of a request does to them. */
import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { startPostgres } from "../../scripts/sandbox/postgres/postgres.ts";
import { type Migrator, openMigrator } from "../src/database/migrations/migrator.ts";
import { schemaLines } from "../src/database/migrations/schema-lines.ts";
import { type Cluster, parseConfig, type Ran } from "../src/domain/index.ts";
import type { Plan } from "../src/migrations/make-plan.ts";
import { planFrom, standingOf } from "../src/workers/migration-plan.ts";

export const owner = { user: "shop", password: "for one test run" };

export interface MigrationDatabases {
  readonly port: number;
  /** Empty databases `live` and `other`; no `scratch`. */
  reset(): Promise<void>;
  /** Everything that a migration can change, without what is ours. */
  schemaOf(database: string): Promise<readonly string[]>;
  query(database: string, sql: string): Promise<readonly Record<string, unknown>[]>;
  migratorOf(database: string): Migrator;
  planOn(migrator: Migrator, cluster: Cluster, rendered: string, requestId?: string): Promise<Plan>;
  /** Plans, rehearses on a copy and applies; what each migration did in the rehearsal. */
  migrate(cluster: Cluster, rendered: string): Promise<readonly Ran[]>;
  close(): Promise<void>;
}

export function clusterWith(migrations: object): Cluster {
  const [cluster] = parseConfig({ clusters: [{ id: "shop", region: "eu-west-1", database: "shop", migrations }] }).clusters;
  if (cluster === undefined) throw new Error("no cluster");
  return cluster;
}

export async function openMigrationDatabases(): Promise<MigrationDatabases> {
  const state = await mkdtemp(path.join(tmpdir(), "holdfast-migrations-"));
  const postgres = await startPostgres({ state });
  await postgres.create("one", "shop", owner);
  await postgres.open("one", "one");
  const port = await postgres.portOf("one");
  const withClient = async <T>(database: string, work: (client: pg.Client) => Promise<T>): Promise<T> => {
    const client = new pg.Client({ host: "127.0.0.1", port, database, ...owner });
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  };
  const query = (database: string, sql: string) => withClient(database, async (client) => (await client.query(sql)).rows);
  const migratorOf = (database: string) => {
    const invariants = { protect: ["users"], checks: [] };
    const access = { host: "127.0.0.1", port, database, ...owner, tls: { mode: "disable" as const } };
    return openMigrator(access, { locksMs: 1_000, statementsMs: 20_000, invariants, wait: (ms) => pause(Math.min(ms, 50)) });
  };
  const planOn = async (migrator: Migrator, cluster: Cluster, rendered: string, requestId: string = randomUUID()) =>
    planFrom(cluster, await standingOf(migrator, cluster), await migrator.schema(), rendered, { requestId });
  return {
    port,
    query,
    migratorOf,
    planOn,
    async reset() {
      for (const name of ["live", "scratch", "other"]) await query("postgres", `drop database if exists ${name} with (force)`);
      for (const name of ["live", "other"]) await query("postgres", `create database ${name}`);
    },
    schemaOf: (database) =>
      withClient(database, async (client) => (await schemaLines(client)).filter((line) => !/^schema holdfast /.test(line))),
    async migrate(cluster, rendered) {
      const requestId = randomUUID();
      await query("postgres", "drop database if exists scratch with (force)");
      await query("postgres", "create database scratch template live");
      const rehearsed: Ran[] = [];
      const digests = new Set<string>();
      for (const database of ["scratch", "live"]) {
        const migrator = migratorOf(database);
        const plan = await planOn(migrator, cluster, rendered, requestId);
        digests.add(plan.digest);
        let { schema } = plan;
        for (const [index, migration] of plan.migrations.entries()) {
          const ran = rehearsed[index];
          const allowed = database === "live" && ran !== undefined ? { ran, moreRows: 0 } : null;
          const one = await migrator.run({ ...migration, requestId }, schema, allowed);
          if (database === "scratch") rehearsed.push(one);
          schema = one.schema;
        }
        // A second attempt of the same request comes to the same plan, whatever of it stands already.
        const standing = await standingOf(migrator, cluster);
        digests.add((await planFrom(cluster, standing, plan.schema, rendered, { requestId })).digest);
      }
      if (digests.size !== 1) throw new Error(`one request came to ${digests.size} plans`);
      return rehearsed;
    },
    async close() {
      await postgres.close();
      await rm(state, { recursive: true, force: true });
    },
  };
}

/** Alembic for real: what it writes is rehearsed and applied by our own code, and Alembic itself finds nothing left to do. */
import { randomUUID } from "node:crypto";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Postgres, startPostgres } from "../../scripts/sandbox/postgres/postgres.ts";
import type { DatabaseAccess } from "../src/database/connect.ts";
import { type Migrator, openMigrator } from "../src/database/migrations/migrator.ts";
import { schemaLines } from "../src/database/migrations/schema-lines.ts";
import { type Cluster, type MigrationSettings, parseConfig, type Ran } from "../src/domain/index.ts";
import { planFrom, standingOf } from "../src/workers/migration-plan.ts";
import { renderMigrations } from "../src/workers/render-migrations.ts";
import { packRendered } from "../src/workers/rendered.ts";
import { alembic, installFlask } from "./flask-app.ts";

const installed = await installFlask();
const lacking = "lacking" in installed ? installed.lacking : null;
const python = "python" in installed ? installed.python : "";

const user = { user: "shop", password: "for one test run" };
const example = "docs/examples/flask";
const tool = { tool: "alembic" } as const;

describe.skipIf(lacking !== null)(`Alembic${lacking === null ? "" : ` (skipped: ${lacking})`}`, () => {
  let state: string;
  let postgres: Postgres;
  let admin: pg.Client;
  let port: number;

  beforeAll(async () => {
    state = await mkdtemp(path.join(tmpdir(), "holdfast-alembic-"));
    postgres = await startPostgres({ state });
    await postgres.create("one", "shop", user);
    await postgres.open("one", "one");
    port = await postgres.portOf("one");
    admin = new pg.Client({ host: "127.0.0.1", port, database: "postgres", ...user });
    await admin.connect();
  });
  afterAll(async () => {
    await admin?.end();
    await postgres?.close();
    await rm(state, { recursive: true, force: true });
  });
  beforeEach(async () => {
    for (const name of ["live", "scratch", "other"]) await admin.query(`drop database if exists ${name} with (force)`);
    for (const name of ["live", "other"]) await admin.query(`create database ${name}`);
  });

  const addressOf = (database: string) => `postgresql+psycopg://shop:for%20one%20test%20run@127.0.0.1:${port}/${database}`;
  const schemaOf = async (database: string) => {
    const client = new pg.Client({ host: "127.0.0.1", port, database, ...user });
    await client.connect();
    const lines = await schemaLines(client);
    await client.end();
    // Ours lies beside it and is not the tool's business.
    return lines.filter((line) => !/^schema holdfast /.test(line));
  };
  const migratorOf = (database: string): Migrator => {
    const access: DatabaseAccess = { host: "127.0.0.1", port, database, ...user, tls: { mode: "disable" } };
    const invariants = { protect: ["users"], checks: [] };
    return openMigrator(access, { locksMs: 1_000, statementsMs: 20_000, invariants, wait: (ms) => pause(Math.min(ms, 50)) });
  };
  const clusterWith = (migrations: Partial<MigrationSettings>): Cluster => {
    const settings = {
      ...tool,
      directory: `${example}/migrations/versions`,
      command: [python, "-m", "alembic", "-c", `${example}/alembic.ini`],
      environment: { PYTHONDONTWRITEBYTECODE: "1" },
      ...migrations,
    };
    const config = parseConfig({ clusters: [{ id: "shop", region: "eu-west-1", database: "shop", migrations: settings }] });
    const [cluster] = config.clusters;
    if (cluster === undefined) throw new Error("no cluster");
    return cluster;
  };
  const rendered = async (cluster: Cluster): Promise<string> => {
    const done = cluster.migrations === undefined ? null : await renderMigrations(cluster.migrations);
    if (done === null) throw new Error("no tool was called");
    return packRendered(done.rendered);
  };
  const planOn = async (migrator: Migrator, cluster: Cluster, packed: string, requestId: string) => {
    return planFrom(cluster, await standingOf(migrator, cluster), await migrator.schema(), packed, { requestId });
  };

  /** As the stages do it: on a copy first, then on the live one, held against what the copy showed. */
  async function migrate(cluster: Cluster): Promise<readonly Ran[]> {
    const requestId = randomUUID();
    const packed = await rendered(cluster);
    await admin.query("drop database if exists scratch with (force)");
    await admin.query("create database scratch template live");
    const rehearsed: Ran[] = [];
    const digests: string[] = [];
    for (const database of ["scratch", "live"]) {
      const migrator = migratorOf(database);
      const plan = await planOn(migrator, cluster, packed, requestId);
      digests.push(plan.digest);
      let { schema } = plan;
      for (const [index, migration] of plan.migrations.entries()) {
        const ran = rehearsed[index];
        const allowed = database === "live" && ran !== undefined ? { ran, moreRows: 0 } : null;
        const one = await migrator.run({ ...migration, requestId }, schema, allowed);
        if (database === "scratch") rehearsed.push(one);
        schema = one.schema;
      }
      // A second attempt of the same request comes to the same plan, whatever of it stands already.
      const again = await planFrom(cluster, await standingOf(migrator, cluster), plan.schema, packed, { requestId });
      digests.push(again.digest);
    }
    expect(new Set(digests).size).toBe(1);
    return rehearsed;
  }

  async function mustAgree(database = "live"): Promise<void> {
    expect(await alembic(python, addressOf(database), "current")).toContain("0003 (head)");
    expect(await alembic(python, addressOf(database), "upgrade", "head")).not.toContain("Running upgrade");
    await alembic(python, addressOf("other"), "upgrade", "head");
    expect(await schemaOf(database)).toEqual(await schemaOf("other"));
  }

  test("an empty database comes to what Alembic itself makes, and Alembic finds nothing left to do", async () => {
    const ran = await migrate(clusterWith({}));
    expect(ran.map(({ version }) => version)).toEqual(["0001", "0002", "0003"]);
    await mustAgree();
    expect(await migrate(clusterWith({}))).toEqual([]);
  });

  test("only what the database lacks is pending; what stood before Holdfast may be left to a baseline", async () => {
    await alembic(python, addressOf("live"), "upgrade", "0001");
    const plan = await planOn(migratorOf("live"), clusterWith({}), await rendered(clusterWith({})), randomUUID());
    expect(plan.tool).toMatch(/^alembic \d/);
    expect(plan.migrations).toMatchObject([
      { version: "0002", name: "0002_orders", file: "0002_orders.py", mode: "transaction", statements: [{ verdict: "safe" }] },
      { version: "0003", mode: "alone", index: { made: "orders_by_user" } },
    ]);
    await migrate(clusterWith({ baseline: "0001" }));
    await mustAgree();
  });

  test("somebody who went on with Alembic meanwhile is noticed, and nothing is written twice", async () => {
    await alembic(python, addressOf("live"), "upgrade", "0001");
    const migrator = migratorOf("live");
    const plan = await planOn(migrator, clusterWith({}), await rendered(clusterWith({})), randomUUID());
    const client = new pg.Client({ host: "127.0.0.1", port, database: "live", ...user });
    await client.connect();
    await client.query("update alembic_version set version_num = 'elsewhere'");
    const before = await schemaOf("live");
    const [second] = plan.migrations;
    if (second === undefined) throw new Error("nothing is pending");
    await expect(migrator.run({ ...second, requestId: randomUUID() }, plan.schema, null)).rejects.toMatchObject({
      name: "RolledBack",
      message: expect.stringContaining("is not as it was when this was planned"),
    });
    expect(await schemaOf("live")).toEqual(before);
    await client.end();
  });

  describe("is refused, with the reason and what to do:", () => {
    /** The example with one more revision, in a folder of its own. */
    async function withRevision(upgrade: string): Promise<Cluster> {
      const folder = path.join(state, randomUUID());
      await cp(example, folder, { recursive: true });
      const text = `import sqlalchemy as sa\nfrom alembic import op\nrevision = "0004"\ndown_revision = "0003"\n\ndef upgrade():\n    ${upgrade}\n`;
      await writeFile(path.join(folder, "migrations", "versions", "0004_more.py"), text);
      const { migrations, ...cluster } = clusterWith({ command: [python, "-m", "alembic", "-c", path.join(folder, "alembic.ini")] });
      if (migrations === undefined) throw new Error("no migrations");
      return { ...cluster, migrations: { ...migrations, directory: path.join(folder, "migrations", "versions") } };
    }

    test.each([
      [
        "a revision that loops over rows",
        "for row in op.get_bind().execute(sa.text('select id from users')): op.execute('select 1')",
        /reads the database while it is written down/,
      ],
      [
        "a revision that goes on without the answer",
        "empty = not op.get_bind().execute(sa.text('select id from users'))",
        /0004_more.py: found .*select id from users.*, whose answer Python waits for/,
      ],
      ["a revision that fails", "raise RuntimeError('password=hunter2 is wrong')", /ended with status 1.*password=\[redacted\] is wrong/s],
    ])("%s", async (_what, upgrade, problem) => {
      const cluster = await withRevision(upgrade);
      const packed = await rendered(cluster);
      await expect(planOn(migratorOf("live"), cluster, packed, randomUUID())).rejects.toMatchObject({
        name: "Refusal",
        message: expect.stringMatching(problem),
        next: expect.stringMatching(/ask again with a new request id/),
      });
    });

    test("a tool that is not installed", async () => {
      const packed = await rendered(clusterWith({ command: ["alembic-of-nobody"] }));
      await expect(planOn(migratorOf("live"), clusterWith({}), packed, randomUUID())).rejects.toMatchObject({
        message: expect.stringContaining("`alembic-of-nobody` is not there"),
        next: expect.stringContaining("migrations.command"),
      });
    });
  });
});

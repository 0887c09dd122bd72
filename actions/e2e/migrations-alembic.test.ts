/** Alembic for real: what it writes is rehearsed and applied by our own code, and Alembic itself finds nothing left to do. */
import { randomUUID } from "node:crypto";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Cluster } from "../src/domain/index.ts";
import { renderMigrations } from "../src/workers/render-migrations.ts";
import { packRendered } from "../src/workers/rendered.ts";
import { alembic, installFlask } from "./flask-app.ts";
import { clusterWith, type MigrationDatabases, openMigrationDatabases, owner } from "./migration-databases.ts";

const installed = await installFlask();
const lacking = "lacking" in installed ? installed.lacking : null;
const python = "python" in installed ? installed.python : "";
const example = "docs/examples/flask";

describe.skipIf(lacking !== null)(`Alembic${lacking === null ? "" : ` (skipped: ${lacking})`}`, () => {
  let databases: MigrationDatabases;

  beforeAll(async () => {
    databases = await openMigrationDatabases();
  });
  afterAll(() => databases?.close());
  beforeEach(() => databases.reset());

  const shop = (change: object = {}): Cluster =>
    clusterWith({
      tool: "alembic",
      directory: `${example}/migrations/versions`,
      command: [python, "-m", "alembic", "-c", `${example}/alembic.ini`],
      environment: { PYTHONDONTWRITEBYTECODE: "1" },
      ...change,
    });
  const rendered = async ({ migrations }: Cluster): Promise<string> => {
    const done = migrations === undefined ? null : await renderMigrations(migrations);
    if (done === null) throw new Error("no tool was called");
    return packRendered(done.rendered);
  };
  const on = (database: string, ...args: readonly string[]) => {
    const password = encodeURIComponent(owner.password);
    return alembic(python, `postgresql+psycopg://${owner.user}:${password}@127.0.0.1:${databases.port}/${database}`, ...args);
  };
  const migrate = async (cluster: Cluster) => databases.migrate(cluster, await rendered(cluster));

  async function mustAgree(): Promise<void> {
    expect(await on("live", "current")).toContain("0003 (head)");
    // Whatever it ran would have written its row anew.
    const written = "select version_num, xmin::text from alembic_version";
    const before = await databases.query("live", written);
    await on("live", "upgrade", "head");
    expect(await databases.query("live", written)).toEqual(before);
    await on("other", "upgrade", "head");
    expect(await databases.schemaOf("live")).toEqual(await databases.schemaOf("other"));
  }

  test("an empty database comes to what Alembic itself makes, and Alembic finds nothing left to do", async () => {
    const ran = await migrate(shop());
    expect(ran.map(({ version }) => version)).toEqual(["0001", "0002", "0003"]);
    await mustAgree();
    expect(await migrate(shop())).toEqual([]);
  });

  test("only what the database lacks is pending; what stood before Holdfast may be left to a baseline", async () => {
    await on("live", "upgrade", "0001");
    const plan = await databases.planOn(databases.migratorOf("live"), shop(), await rendered(shop()));
    expect(plan.tool).toMatch(/^alembic \d/);
    expect(plan.migrations).toMatchObject([
      { version: "0002", name: "0002_orders", file: "0002_orders.py", mode: "transaction", statements: [{ verdict: "safe" }] },
      { version: "0003", mode: "alone", index: { made: "orders_by_user" } },
    ]);
    await migrate(shop({ baseline: "0001" }));
    await mustAgree();
  });

  test("somebody who went on with Alembic meanwhile is noticed, and nothing is written twice", async () => {
    await on("live", "upgrade", "0001");
    const migrator = databases.migratorOf("live");
    const plan = await databases.planOn(migrator, shop(), await rendered(shop()));
    await databases.query("live", "update alembic_version set version_num = 'elsewhere'");
    const before = await databases.schemaOf("live");
    const [second] = plan.migrations;
    if (second === undefined) throw new Error("nothing is pending");
    await expect(migrator.run({ ...second, requestId: randomUUID() }, plan.schema, null)).rejects.toMatchObject({
      name: "RolledBack",
      message: expect.stringContaining("is not as it was when this was planned"),
    });
    expect(await databases.schemaOf("live")).toEqual(before);
  });

  describe("is refused, with the reason and what to do:", () => {
    let folder: string;
    beforeEach(async () => {
      folder = await mkdtemp(path.join(tmpdir(), "holdfast-alembic-"));
    });
    afterAll(() => rm(folder, { recursive: true, force: true }));

    /** The example with one more revision, in a folder of its own. */
    async function withRevision(upgrade: string): Promise<Cluster> {
      await cp(example, folder, { recursive: true });
      const text = `import sqlalchemy as sa\nfrom alembic import op\nrevision = "0004"\ndown_revision = "0003"\n\ndef upgrade():\n    ${upgrade}\n`;
      await writeFile(path.join(folder, "migrations", "versions", "0004_more.py"), text);
      const { migrations, ...cluster } = shop({ command: [python, "-m", "alembic", "-c", path.join(folder, "alembic.ini")] });
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
        /0004_more.py:7: found a statement that is run on a connection.*0004_more.py: found .*select id from users.*, whose answer Python waits for/s,
      ],
      ["a revision that fails", "raise RuntimeError('password=hunter2 is wrong')", /ended with status 1.*password=\[redacted\] is wrong/s],
    ])("%s", async (_what, upgrade, problem) => {
      const cluster = await withRevision(upgrade);
      const packed = await rendered(cluster);
      await expect(databases.planOn(databases.migratorOf("live"), cluster, packed)).rejects.toMatchObject({
        name: "Refusal",
        message: expect.stringMatching(problem),
        next: expect.stringMatching(/ask again with a new request id/),
      });
    });

    test("a tool that is not installed", async () => {
      const packed = await rendered(shop({ command: ["alembic-of-nobody"] }));
      await expect(databases.planOn(databases.migratorOf("live"), shop(), packed)).rejects.toMatchObject({
        message: expect.stringContaining("`alembic-of-nobody` is not there"),
        next: expect.stringContaining("migrations.command"),
      });
    });
  });
});

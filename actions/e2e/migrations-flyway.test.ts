/** Flyway for real: what our own code applied is what Flyway would have, and Flyway validates it and finds nothing left to do. */
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Cluster } from "../src/domain/index.ts";
import { clusterWith, type MigrationDatabases, openMigrationDatabases, owner } from "./migration-databases.ts";
import { flyway, installSpring } from "./spring-app.ts";

const installed = await installSpring();
const lacking = "lacking" in installed ? installed.lacking : null;
const example = "docs/examples/spring/src/main/resources/db/migration";

describe.skipIf(lacking !== null)(`Flyway${lacking === null ? "" : ` (skipped: ${lacking})`}`, () => {
  let databases: MigrationDatabases;
  /** The example's migrations, and more beside them. */
  let folder: string;

  beforeAll(async () => {
    databases = await openMigrationDatabases();
  });
  afterAll(() => databases?.close());
  beforeEach(async () => {
    await databases.reset();
    folder = await mkdtemp(path.join(tmpdir(), "holdfast-flyway-"));
    await cp(example, folder, { recursive: true });
    return () => rm(folder, { recursive: true, force: true });
  });

  const shop = (change: object = {}): Cluster => {
    const { migrations, ...cluster } = clusterWith({ tool: "flyway", directory: "anywhere", ...change });
    if (migrations === undefined) throw new Error("no migrations");
    return { ...cluster, migrations: { ...migrations, directory: folder } };
  };
  const on = (database: string, ...commands: readonly ("migrate" | "validate" | "info")[]) => {
    if ("lacking" in installed) throw new Error(installed.lacking);
    return flyway(installed, `jdbc:postgresql://127.0.0.1:${databases.port}/${database}`, owner, folder, ...commands);
  };
  // When and how long is ours to say; everything else is Flyway's.
  const history = (database: string) =>
    databases.query(
      database,
      "select installed_rank, version, description, type, script, checksum, installed_by, success from flyway_schema_history order by 1",
    );

  test("an empty database comes to what Flyway itself makes, history included, and Flyway finds nothing left to do", async () => {
    await writeFile(
      path.join(folder, "R__shop's_view.sql"),
      "\ufeffcreate or replace view customers as\r\nselect name from users; -- ä\r\n",
    );
    const ran = await databases.migrate(shop(), "");
    expect(ran.map(({ version }) => version)).toEqual(["1", "2", "3", "R__shop's_view-4"]);
    const [validated, migrated, ...info] = await on("live", "validate", "migrate", "info");
    expect([validated, migrated]).toEqual(["valid true", "migrated 0"]);
    expect(info).toEqual([
      expect.stringMatching(/^1 users SUCCESS/),
      expect.stringMatching(/^2 orders SUCCESS/),
      expect.stringMatching(/^3 index orders by user SUCCESS/),
      expect.stringMatching(/^null shop's view SUCCESS/),
    ]);
    expect(await on("other", "migrate")).toEqual(["migrated 4"]);
    expect(await databases.schemaOf("live")).toEqual(await databases.schemaOf("other"));
    expect(await history("live")).toEqual(await history("other"));
    expect(await databases.migrate(shop(), "")).toEqual([]);
  });

  test("Holdfast goes on where Flyway stopped, and Flyway where Holdfast stopped", async () => {
    await on("live", "migrate");
    await writeFile(path.join(folder, "V3.1__notes.sql"), "alter table orders add column note text;\n");
    await writeFile(path.join(folder, "R__view.sql"), "create or replace view customers as select name from users;\n");
    expect((await databases.migrate(shop(), "")).map(({ version }) => version)).toEqual(["3.1", "R__view-5"]);
    await writeFile(path.join(folder, "R__view.sql"), "create or replace view customers as select name, role from users;\n");
    expect((await databases.migrate(shop(), "")).map(({ version }) => version)).toEqual(["R__view-6"]);
    await writeFile(path.join(folder, "V4__more.sql"), "alter table orders add column more text;\n");
    expect(await on("live", "migrate", "validate")).toEqual(["migrated 1", "valid true"]);
    expect(await databases.migrate(shop(), "")).toEqual([]);
  });

  test("a database that was there before Flyway is noted at its baseline, which Flyway accepts", async () => {
    await databases.query("live", "create table users (id serial primary key)");
    expect((await databases.migrate(shop({ baseline: "1" }), "")).map(({ version }) => version)).toEqual(["2", "3"]);
    expect(await on("live", "validate", "migrate")).toEqual(["valid true", "migrated 0"]);
  });

  test("what is changed after it was applied is refused, as Flyway would", async () => {
    await databases.migrate(shop(), "");
    await writeFile(path.join(folder, "V2__orders.sql"), "create table orders (id int);\n");
    expect(await on("live", "validate")).toEqual([expect.stringMatching(/^valid false/)]);
    await expect(databases.planOn(databases.migratorOf("live"), shop(), "")).rejects.toMatchObject({
      name: "Refusal",
      message: expect.stringContaining("V2__orders.sql: found other text than was applied"),
    });
  });
});

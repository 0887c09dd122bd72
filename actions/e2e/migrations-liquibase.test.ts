/** Liquibase for real: what it writes is rehearsed and applied by our own code, and Liquibase itself finds nothing left to do. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Cluster } from "../src/domain/index.ts";
import { renderMigrations } from "../src/workers/render-migrations.ts";
import { packRendered } from "../src/workers/rendered.ts";
import { installLiquibase, liquibase, liquibaseCommand } from "./liquibase-tool.ts";
import { clusterWith, type MigrationDatabases, openMigrationDatabases, owner } from "./migration-databases.ts";

const installed = await installLiquibase();
const lacking = "lacking" in installed ? installed.lacking : null;

const MASTER = `databaseChangeLog:
  - include: { file: db/users.sql }
  - changeSet:
      id: it's an address
      author: ada
      changes:
        - addColumn: { tableName: users, columns: [{ column: { name: mail, type: text } }] }
`;
const USERS = `--liquibase formatted sql

--changeset ada:1
CREATE TABLE users (id serial PRIMARY KEY, name text);
INSERT INTO users (name) VALUES ('semi;colon');
--rollback DROP TABLE users;

--changeset ada:2 runInTransaction:false
CREATE INDEX CONCURRENTLY users_by_name ON users (name);
`;

describe.skipIf(lacking !== null)(`Liquibase${lacking === null ? "" : ` (skipped: ${lacking})`}`, () => {
  let databases: MigrationDatabases;
  let folder: string;

  beforeAll(async () => {
    databases = await openMigrationDatabases();
  });
  afterAll(() => databases?.close());
  beforeEach(async () => {
    await databases.reset();
    folder = await mkdtemp(path.join(tmpdir(), "holdfast-liquibase-"));
    await mkdir(path.join(folder, "db"));
    await writeFile(path.join(folder, "db", "all.yaml"), MASTER);
    await writeFile(path.join(folder, "db", "users.sql"), USERS);
    return () => rm(folder, { recursive: true, force: true });
  });

  const command = () => ("lacking" in installed ? [] : liquibaseCommand(installed.libraries, "db/all.yaml", folder));
  const shop = (): Cluster => {
    const { migrations, ...cluster } = clusterWith({ tool: "liquibase", directory: "db", command: command() });
    if (migrations === undefined) throw new Error("no migrations");
    return { ...cluster, migrations: { ...migrations, directory: path.join(folder, "db") } };
  };
  const on = (database: string, verb: string) =>
    liquibase(command(), `jdbc:postgresql://127.0.0.1:${databases.port}/${database}`, owner, verb);
  const rendered = async ({ migrations }: Cluster): Promise<string> => {
    const done = migrations === undefined ? null : await renderMigrations(migrations);
    if (done === null) throw new Error("no tool was called");
    return packRendered(done.rendered);
  };
  const migrate = async () => (await databases.migrate(shop(), await rendered(shop()))).map(({ version }) => version);

  test("an empty database comes to what Liquibase itself makes, and each goes on where the other stopped", async () => {
    expect(await migrate()).toEqual(["db/users.sql::1::ada", "db/users.sql::2::ada", "db/all.yaml::it's an address::ada"]);
    expect(await on("live", "update")).toMatch(/Run:\s+0\b/);
    expect(await on("other", "update")).toMatch(/Run:\s+3\b/);
    expect(await databases.schemaOf("live")).toEqual(await databases.schemaOf("other"));
    const history =
      "select id, author, filename, md5sum, description, comments, exectype, liquibase from databasechangelog order by orderexecuted";
    expect(await databases.query("live", history)).toEqual(await databases.query("other", history));

    await writeFile(path.join(folder, "db", "users.sql"), `${USERS}\n--changeset ada:4\nALTER TABLE users ADD COLUMN age int;\n`);
    expect(await migrate()).toEqual(["db/users.sql::4::ada"]);
    expect(await on("live", "update")).toMatch(/Run:\s+0\b/);
  });

  test("a change set whose preconditions Liquibase would pass over is refused, with the reason", async () => {
    const careful =
      "--changeset ada:4\n--preconditions onFail:MARK_RAN\n--precondition-sql-check expectedResult:0 select count(*) from users\nDROP TABLE users;\n";
    await writeFile(path.join(folder, "db", "users.sql"), `${USERS}\n${careful}`);
    await expect(databases.planOn(databases.migratorOf("live"), shop(), await rendered(shop()))).rejects.toMatchObject({
      name: "Refusal",
      message: expect.stringContaining("preconditions, which Liquibase passes over while it writes SQL"),
    });
  });
});

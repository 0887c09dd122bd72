import { expect, test } from "vitest";
import { tellLines } from "../tell-lines.ts";

const migrations = (...lines: readonly string[]) => tellLines(lines.join("\n")).map((event) => [event.kind, event.migration, event.times]);

test("Alembic: upgrades and downgrades run, stamps and printed SQL do not", () => {
  const head = "INFO  [alembic.runtime.migration] ";
  expect(
    migrations(`${head}Running upgrade  -> 1975ea83b712, create account table`, `${head}Running downgrade b -> a, orders -> invoices`),
  ).toEqual([
    ["migration-ran", "1975ea83b712", 1],
    ["migration-ran", "b undone", 1],
  ]);
  expect(migrations(`${head}Running stamp_revision a -> b`, `${head}Generating static SQL`, `${head}Running upgrade a -> b, x`)).toEqual(
    [],
  );
  expect(
    migrations(`${head}Generating static SQL`, `${head}Context impl PostgresqlImpl.`, `${head}Running upgrade a -> b, x`),
  ).toHaveLength(1);
});

test("Flyway: what was announced is not told again by the summary; what was not, is", () => {
  const announced = ['Migrating schema "public" to version "8 - drop x" [non-transactional]', "Migrating schema public to version 9 - y"];
  const summary = 'Successfully applied 2 migrations to schema "public", now at version v9 (execution time 00:01.204s)';
  expect(migrations(...announced, summary)).toEqual([
    ["migration-ran", "8 - drop x", 1],
    ["migration-ran", "9 - y", 1],
  ]);
  expect(migrations(summary)).toEqual([["migration-ran", null, 2]]);
  expect(
    migrations('Schema "public" is up to date. No migration necessary.', "Successfully validated 9 migrations (execution time 00:00.041s)"),
  ).toEqual([]);
});

test("Liquibase: announcement, confirmation and end are one change set", () => {
  const id = "db/changelog/2025-11.xml::drop-orders::bob";
  const head = "2025-11-10T07:40:07.274Z  INFO 1 --- [billing] [           main] liquibase.changelog                      : ";
  expect(migrations(`Running Changeset: ${id}`, `${head}Table orders dropped`, `${head}ChangeSet ${id} ran successfully in 12ms`)).toEqual([
    ["migration-ran", id, 1],
  ]);
  expect(migrations(`${head}ChangeSet ${id} ran successfully in 12ms`)).toEqual([["migration-ran", id, 1]]);
});

test("Django: applied and unapplied, not faked", () => {
  expect(
    migrations(
      "  Applying auth.0009_x... OK",
      "  Unapplying auth.0008_y... OK",
      "  Applying auth.0007_z... FAKED",
      "  No migrations to apply.",
    ),
  ).toEqual([
    ["migration-ran", "auth.0009_x", 1],
    ["migration-ran", "auth.0008_y undone", 1],
  ]);
});

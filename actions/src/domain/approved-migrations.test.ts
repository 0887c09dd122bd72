import { expect, test } from "vitest";
import { approvedMigrations } from "./approved-migrations.ts";
import { parseConfig } from "./config.ts";
import { chain, type Draft, EMPTY_HEAD, type EntryKind } from "./ledger.ts";

const cluster = { id: "app", region: "eu-west-1", database: "app" };
const config = parseConfig({ clusters: [{ ...cluster, migrations: { directory: "db" } }] });
const draft = (kind: EntryKind, at: string, data: Draft["data"]): Draft => ({
  id: `r:${kind}`,
  at,
  kind,
  actor: "bob",
  run: "1/1",
  reason: "",
  data: { requestId: "r", ...data },
});
const approved = draft("migration.approved", "2026-11-20T10:00:00.000Z", {
  migrations: [{ version: "7", name: "add_phone", file: "0007_add_phone.sql" }],
});
const from = Date.parse(approved.at);

test("nobody knows what was approved where migrations do not come through here", () => {
  expect(approvedMigrations(chain(EMPTY_HEAD, [approved]), parseConfig({ clusters: [cluster] }))).toBeNull();
  expect(approvedMigrations([], config)).toEqual([]);
});

test("an approved migration may run from its approval to its end, and no longer than the approval holds; its bare number names nothing", () => {
  const open = approvedMigrations(chain(EMPTY_HEAD, [approved]), config);
  expect(open?.map(({ migration }) => migration)).toEqual(["add_phone", "0007_add_phone.sql", "0007_add_phone"]);
  expect(new Set(open?.map((each) => each.until))).toEqual(new Set([from + 24 * 3_600_000 + 60_000]));
  const over = chain(EMPTY_HEAD, [approved, draft("migration.completed", "2026-11-20T10:05:00.000Z", {})]);
  expect(new Set(approvedMigrations(over, config)?.map((each) => each.until))).toEqual(new Set([from + 6 * 60_000]));
});

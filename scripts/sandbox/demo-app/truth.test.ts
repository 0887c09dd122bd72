import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Tables } from "./database.ts";
import { Journal, type JournalEntry } from "./journal.ts";
import { compareWithTruth, truthAt } from "./truth.ts";

let folder: string;
let file: string;
const initial: Tables = { users: [{ id: 1, name: "one" }], orders: [] };

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "holdfast-truth-"));
  file = path.join(folder, "journal.jsonl");
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const at = (fraction: string) => `2026-11-20T11:00:00.${fraction}Z`;
const write = (...entries: readonly JournalEntry[]) => writeFile(file, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
const update = (xid: string, fraction: string, name: string): JournalEntry => ({
  xid,
  at: at(fraction),
  table: "users",
  op: "update",
  rows: [{ id: 1, name }],
});
const wrong = async (time: string, name: string) =>
  compareWithTruth(await truthAt(file, initial, time), { users: [{ id: 1, name }], orders: [] });

test("a commit counts from its own time on, in the order of commit", async () => {
  await write(update("2", "020000", "three"), update("1", "010000", "two"));
  expect(await wrong(at("005000"), "one")).toEqual([]);
  expect(await wrong(at("015000"), "two")).toEqual([]);
  expect(await wrong(at("030000"), "three")).toEqual([]);
  expect(await wrong(at("030000"), "two")).toMatchObject([{ table: "users", id: 1, actual: { name: "two" } }]);
});

test("a commit within a millisecond of the time may be in or out, one just outside may not", async () => {
  await write(update("1", "010000", "two"));
  for (const time of ["009000", "010000", "011000"]) {
    expect(await wrong(at(time), "one")).toEqual([]);
    expect(await wrong(at(time), "two")).toEqual([]);
  }
  expect(await wrong(at("008999"), "two")).toHaveLength(1);
  expect(await wrong(at("011001"), "one")).toHaveLength(1);
});

test("missing, foreign and deleted rows are told", async () => {
  await write({ xid: "1", at: at("010000"), table: "users", op: "delete", rows: [{ id: 1, name: "one" }] });
  const truth = await truthAt(file, initial, at("020000"));
  expect(compareWithTruth(truth, { users: [], orders: [] })).toEqual([]);
  expect(compareWithTruth(truth, { users: [{ id: 1, name: "one" }], orders: [] })).toHaveLength(1);
  expect(compareWithTruth(truth, { users: [], orders: [{ id: 9 }] })).toMatchObject([{ table: "orders", id: 9, expected: [undefined] }]);
});

test("a line torn by a kill is passed over, and cut before the next is written", async () => {
  await write(update("1", "010000", "two"));
  await appendFile(file, '{"xid":"2","at":"2026-11-20T11:00');
  expect(await wrong(at("030000"), "two")).toEqual([]);
  new Journal(file);
  await appendFile(file, `${JSON.stringify(update("3", "020000", "three"))}\n`);
  expect(await wrong(at("030000"), "three")).toEqual([]);
});

test("a time without its zone is refused", async () => {
  await write();
  await expect(truthAt(file, initial, "2026-11-20T11:00:00")).rejects.toThrow("2026-11-20T11:00:00 is not a UTC time");
});

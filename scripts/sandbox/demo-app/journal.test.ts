import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type pg from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Change, Journal, type JournalEntry, readJournal } from "./journal.ts";

let folder: string;
let journal: Journal;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "holdfast-journal-"));
  journal = new Journal(path.join(folder, "journal.jsonl"));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

type Answer = Record<string, unknown> | Promise<Record<string, unknown>>;

/** A connection that answers each statement by the first word in it that it knows. */
function connection(answers: Readonly<Record<string, () => Answer>>): pg.Client {
  const query = async (text: string) => {
    const known = Object.keys(answers).find((word) => text.includes(word));
    return { rows: [known ? await answers[known]?.() : {}] };
  };
  return { query } as unknown as pg.Client;
}

function deferred<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

const insertOf = (id: number): Change => ({ table: "orders", op: "insert", rows: [{ id }] });

async function entries(): Promise<JournalEntry[]> {
  const found: JournalEntry[] = [];
  for await (const entry of readJournal(journal.file)) found.push(entry);
  return found;
}

test("a transaction that a crash undid is not told by the one that was given its id afterwards", async () => {
  const broken = connection({
    pg_current_xact_id: () => ({ xid: "900" }),
    commit: () => Promise.reject(new Error("Connection terminated unexpectedly")),
  });
  await expect(journal.commit(broken, async () => insertOf(1))).rejects.toThrow("terminated");

  // One connection asks what became of 900 while, after the crash, another one is given 900 anew and commits.
  const status = deferred<Record<string, unknown>>();
  const asked = deferred<void>();
  const at = { at: "2026-11-20T16:14:29.459397Z" };
  const settling = journal.settle(
    connection({
      pg_xact_status: () => {
        asked.resolve();
        return status.promise;
      },
      pg_xact_commit_timestamp: () => at,
    }),
  );
  await asked.promise;
  const reborn = connection({
    pg_current_xact_id: () => ({ xid: "900" }),
    pg_xact_commit_timestamp: async () => {
      status.resolve({ status: "committed" });
      await settling;
      return at;
    },
  });
  await journal.commit(reborn, async () => insertOf(2));

  expect((await entries()).map(({ rows }) => rows)).toEqual([[{ id: 2 }]]);
  expect(journal.unsettled).toEqual([]);
});

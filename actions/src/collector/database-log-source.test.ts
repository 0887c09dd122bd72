import { describe, expect, test } from "vitest";
import type { DatabaseLogs } from "../aurora/database-logs.ts";
import { databaseLogs } from "./database-log-source.ts";
import type { Batch, Json, Source } from "./source.ts";

/** What RDS keeps, by instance and file; a marker is a place in the text. */
function logsOf(instances: Record<string, Record<string, string>>): DatabaseLogs {
  return {
    files: async (instance) =>
      Object.entries(instances[instance] ?? {}).map(([name, text]) => ({ name, size: text.length, writtenAt: new Date(0) })),
    async portion(instance, file, marker) {
      const text = instances[instance]?.[file];
      return text === undefined ? null : { text: text.slice(Number(marker)), marker: String(text.length), pending: false };
    },
  };
}

const NEVER = new AbortController().signal;

function origin(instances: Record<string, Record<string, string>>, more: Partial<Parameters<typeof databaseLogs>[0]> = {}) {
  return databaseLogs({
    logs: logsOf(instances),
    cluster: "app-prod",
    app: "web",
    instances: async () => Object.keys(instances),
    follow: false,
    now: () => Date.UTC(2026, 10, 20),
    say: () => {},
    ...more,
  });
}

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}

const textsOf = (batches: readonly Batch[]) =>
  batches.flatMap(({ lines }) => lines.map(({ source, number, text }) => [source, number, text]));

async function readAll(source: Source | undefined, cursor: Json = null): Promise<Batch[]> {
  return source === undefined ? [] : all(source.read(cursor, NEVER));
}

describe("the logs of a cluster", () => {
  const log = "error/postgresql.log.2026-11-20-10";

  test("are a source an instance, and of its files only those that tell of statements and sign-ins are read", async () => {
    const files = {
      [log]: "a\nb\n",
      "error/postgres.log": "x\n",
      "audit/audit.log.0.2026-11-20-10-30.0": "c\n",
      "slowquery/mysql.log": "y\n",
    };
    const sources = await all(origin({ "db-1": files, "db-2": {} })(NEVER));
    expect(sources.map(({ key, name, app, cluster }) => [key, name, app, cluster])).toEqual([
      ["rds:db-1", "db-1", "web", "app-prod"],
      ["rds:db-2", "db-2", "web", "app-prod"],
    ]);
    expect(textsOf(await readAll(sources[0]))).toEqual([
      [`db-1/${log}`, 1, "a"],
      [`db-1/${log}`, 2, "b"],
      ["db-1/audit/audit.log.0.2026-11-20-10-30.0", 1, "c"],
    ]);
    expect(textsOf(await readAll(sources[1]))).toEqual([]);
  });

  test("are read on from where they were left, also after that was written down", async () => {
    const instances = { "db-1": { [log]: "a\nb\n" } };
    const [source] = await all(origin(instances)(NEVER));
    const before = (await readAll(source)).at(-1)?.cursor ?? null;
    instances["db-1"][log] += "c\nhal";
    const [again] = await all(origin(instances)(NEVER));
    expect(textsOf(await readAll(again, JSON.parse(JSON.stringify(before))))).toEqual([[`db-1/${log}`, 3, "c"]]);
  });

  test("say that RDS answers where nothing was written", async () => {
    const [source] = await all(origin({ "db-1": {} })(NEVER));
    expect(await readAll(source)).toMatchObject([{ lines: [], lost: 0 }]);
  });

  test("of a cursor that is none are refused, not read from the beginning", async () => {
    const [source] = await all(origin({ "db-1": { [log]: "a\n" } })(NEVER));
    await expect(readAll(source, { [log]: { marker: 7 } })).rejects.toThrow("the cursor of db-1");
  });
});

test("while instances cannot be listed it is said and tried again, unless everything is read only once", async () => {
  const refuse = () => Promise.reject(new Error("Throttling"));
  await expect(all(origin({}, { instances: refuse })(NEVER))).rejects.toThrow("Throttling");
  const ending = new AbortController();
  const said: string[] = [];
  const say = (text: string) => {
    said.push(text);
    ending.abort();
  };
  expect(await all(origin({}, { instances: refuse, follow: true, say })(ending.signal))).toEqual([]);
  expect(said).toEqual(["app-prod: its instances cannot be listed: Throttling"]);
});

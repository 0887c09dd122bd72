/** A scheduled pass over what RDS keeps for a MySQL cluster, which the sandbox does not run: its audit files come out of order and in turns. */
import { describe, expect, test } from "vitest";
import type { DatabaseLogs } from "../aurora/database-logs.ts";
import { type Alert, chain, type Draft, EMPTY_HEAD, type Entry, entryId, findCluster, parseConfig } from "../domain/index.ts";
import { EMPTY_STATE } from "../notify/state.ts";
import { type DetectWork, detectInLogs } from "./detect-in-logs.ts";
import type { Journal } from "./journal.ts";
import type { Memory } from "./pass-memory.ts";

const NOW = Date.UTC(2026, 10, 20, 12);
const CONFIG = parseConfig({
  clusters: [{ id: "shop", engine: "aurora-mysql", region: "eu-west-1", database: "shop" }],
  apps: [{ name: "web", cluster: "shop" }],
  notify: [{ match: { severity: "HIGH" }, slack: { secret: "SLACK_WEBHOOK_URL" } }],
});

const at = (seconds: number): string => String((NOW - 600_000 + seconds * 1_000) * 1_000);
const refused = (seconds: number) => `${at(seconds)},shop-1,app,198.51.100.41,${seconds},0,FAILED_CONNECT,,,1045`;
const query = (seconds: number, sql: string, code = 0) => `${at(seconds)},shop-1,app,10.0.0.4,9,${seconds},QUERY,shop,'${sql}',${code}`;

function journalOf(): Journal & { readonly entries: () => readonly Entry[] } {
  let drafts: readonly Draft[] = [];
  const entries = () => chain(EMPTY_HEAD, drafts);
  const view = () => {
    const all = entries();
    const last = all.at(-1);
    return { entries: all, head: last === undefined ? EMPTY_HEAD : { seq: last.seq, hash: last.hash }, commit: null };
  };
  const take = (more: readonly Draft[]) => {
    drafts = [...drafts, ...more.filter(({ id }) => !drafts.some((each) => each.id === id))];
  };
  return {
    entries,
    recorded: () => undefined,
    async record(step, kind, data) {
      const id = entryId("request", step);
      take([{ id, at: new Date(NOW).toISOString(), kind, actor: "clock", run: "1/1", reason: "A pass of the clock", data }]);
      const entry = entries().find((each) => each.id === id);
      if (entry === undefined) throw new Error("an entry that was taken is there");
      return entry;
    },
    async append(more) {
      take(more);
      return view();
    },
    view,
  };
}

function passOver(files: Readonly<Record<string, readonly string[]>>) {
  const texts = Object.entries(files).map(([name, lines]) => [name, lines.map((line) => `${line}\n`).join("")] as const);
  const logs: DatabaseLogs = {
    files: async () => texts.map(([name, text]) => ({ name, size: text.length, writtenAt: new Date(NOW) })),
    async portion(_instance, file, marker) {
      const text = texts.find(([name]) => name === file)?.[1];
      return text === undefined ? null : { text: text.slice(Number(marker)), marker: String(text.length), pending: false };
    },
  };
  const journal = journalOf();
  const sent: string[] = [];
  const handed: Alert[] = [];
  let memory: Memory = { at: null, cursors: {}, detector: null, notifier: EMPTY_STATE };
  let now = NOW;
  const work: DetectWork = {
    config: CONFIG,
    cluster: findCluster(CONFIG, "shop"),
    journal,
    origin: { actor: "clock", run: "1/1", attempt: 1, url: null },
    privacy: { mode: "private" },
    aurora: { cluster: async () => ({ instances: ["shop-1"] }) },
    logs,
    memory: {
      read: async () => ({ memory, problem: null }),
      write: async (next) => {
        memory = next;
      },
    },
    channels: {
      of: () => ({
        send: async (notice) => {
          sent.push(...notice.sections.map(({ rule }) => rule));
          return { delivered: true };
        },
      }),
      fallbackOf: () => null,
    },
    handOn: async (alerts) => void handed.push(...alerts),
    now: () => new Date(now),
    wait: async (ms) => {
      now += ms;
    },
  };
  return { run: () => detectInLogs(work), journal, sent, handed };
}

const alertsOf = (entries: readonly Entry[]) => entries.filter(({ kind }) => kind === "alert.opened").map(({ data }) => data);

describe("a pass over Aurora MySQL's audit files", () => {
  test("finds what they tell in turns and out of order, and tells people of it", async () => {
    const { run, journal, sent, handed } = passOver({
      "audit/audit.log.0.2026-11-20-11-50.0": [refused(30), refused(10), query(50, "DELETE FROM orders")],
      "audit/audit.log.1.2026-11-20-11-50.0": [refused(20), query(40, "DELETE FROM orders WHERE id = 7"), refused(0)],
      "audit/audit.log.2.2026-11-20-11-50.0": [refused(25), query(55, "DELETE FROM invoices", 1142)],
      "slowquery/mysql-slowquery.log": [query(56, "TRUNCATE orders")],
    });
    expect(await run()).toMatchObject({ result: "completed", title: "2 alerts in the logs of shop" });
    expect(alertsOf(journal.entries())).toMatchObject([
      { rule: "repeated-auth-failure", key: "198.51.100.41", count: 5, openedAt: new Date(NOW - 570_000).toISOString() },
      { rule: "destructive-statement", severity: "HIGH", source: "shop-1/audit/audit.log.0.2026-11-20-11-50.0", line: 3 },
    ]);
    expect(handed.filter(({ transition }) => transition === "opened")).toHaveLength(2);
    expect(sent).toContain("destructive-statement");
  });

  test("says of which alerts nobody is told", async () => {
    const failures = [0, 1, 2, 3, 4].map(refused);
    const { run, journal, sent } = passOver({ "audit/audit.log.0.2026-11-20-11-50.0": failures });
    const { facts } = await run();
    expect(sent).toEqual([]);
    expect(facts).toContainEqual({ name: "Told to nobody", value: "1 alerts, because no route under notify matches them" });
    expect(journal.entries().at(-1)).toMatchObject({ kind: "detect.completed", data: { opened: 1, untold: 1 } });
  });

  test("a second pass finds nothing twice", async () => {
    const { run, journal } = passOver({ "audit/audit.log.0.2026-11-20-11-50.0": [query(50, "DELETE FROM orders")] });
    await run();
    await run();
    expect(alertsOf(journal.entries())).toHaveLength(1);
  });
});

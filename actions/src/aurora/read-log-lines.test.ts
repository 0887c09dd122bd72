import { expect, test } from "vitest";
import type { DatabaseLogs } from "./database-logs.ts";
import { type LogCursors, readLogLines } from "./read-log-lines.ts";

/** Files whose marker is a place in the text; portions of at most `size` characters, cut behind a line where one ends. */
function logsOf(files: Record<string, string>, size = 1000): DatabaseLogs & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    files: async () => Object.entries(files).map(([name, text]) => ({ name, size: text.length, writtenAt: new Date(0) })),
    async portion(_instance, name, marker) {
      asked.push(`${name}@${marker}`);
      const text = files[name];
      if (text === undefined) return null;
      const start = Number(marker);
      const lastLine = text.lastIndexOf("\n", start + size - 1) + 1;
      const end = start + size >= text.length ? text.length : Math.max(lastLine, start + 1);
      return { text: text.slice(start, end), marker: String(end), pending: end < text.length };
    },
  };
}

const read = (logs: DatabaseLogs, cursors: LogCursors = {}, limit = 1_000_000) =>
  readLogLines(logs, "db-1", { cursors, since: new Date(0), wanted: /^error\/postgresql\.log/, limit });
const textsOf = (reading: Awaited<ReturnType<typeof read>>) => reading.lines.map(({ number, text }) => `${number} ${text}`);

test("every line of every wanted file is read once, however the file grows between passes", async () => {
  const files: Record<string, string> = { "error/postgresql.log.1": "a\nb\n", "error/postgres.log": "start\n" };
  const first = await read(logsOf(files));
  expect(textsOf(first)).toEqual(["1 a", "2 b"]);
  files["error/postgresql.log.1"] += "c\r\nhal";
  const second = await read(logsOf(files), first.cursors);
  expect(textsOf(second)).toEqual(["3 c"]);
  files["error/postgresql.log.1"] += "f\nd\n";
  files["error/postgresql.log.2"] = "e\n";
  const third = await read(logsOf(files), second.cursors);
  expect(textsOf(third)).toEqual(["4 half", "5 d", "1 e"]);
  const quiet = logsOf(files);
  expect((await read(quiet, third.cursors)).lines).toEqual([]);
  expect(quiet.asked, "nothing is asked for where nothing was written").toEqual([]);
});

test("portions are put together, and a pass that may not read all goes on next time", async () => {
  const text = Array.from({ length: 40 }, (_, index) => `line ${index}`).join("\n");
  const files = { "error/postgresql.log.1": `${text}\n` };
  expect((await read(logsOf(files, 30))).lines.map((line) => line.text)).toEqual(text.split("\n"));
  const first = await read(logsOf(files, 30), {}, 60);
  expect(first.behind).toBe(true);
  const rest = await read(logsOf(files, 30), first.cursors);
  expect([...first.lines, ...rest.lines].map((line) => line.text)).toEqual(text.split("\n"));
  expect(rest.lines.at(-1)?.number).toBe(40);
});

test("a file that is gone is forgotten", async () => {
  const first = await read(logsOf({ "error/postgresql.log.1": "a\n" }));
  expect(Object.keys(first.cursors)).toEqual(["error/postgresql.log.1"]);
  expect((await read(logsOf({}), first.cursors)).cursors).toEqual({});
});

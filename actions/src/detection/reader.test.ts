import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Line } from "./event.ts";
import { compileMappings } from "./mappings.ts";
import { openScanner } from "./prefilter/open-scanner.ts";
import { cluesOf, openReader, RECORD_LIMIT } from "./reader.ts";
import { READER_DEFAULTS, tellLines } from "./tell-lines.ts";

const kinds = (text: string, more: Parameters<typeof tellLines>[1] = {}) => tellLines(text, more).map((event) => event.kind);
const line = (text: string, number = 1): Line => ({ text, source: "web", number, stamp: null });

describe("records", () => {
  test("what an exception quotes is part of its record, not an event", () => {
    const log = [
      "[2025-11-03 08:10:04,732] ERROR in app: Exception on /boom [GET]",
      "Traceback (most recent call last):",
      '  File "/app/portal.py", line 245, in boom',
      "RuntimeError: password changed for user 'nobody'",
      "Deleted user 'bob' by 'ada'",
    ].join("\n");
    expect(kinds(log)).toEqual([]);
  });

  test("formatted SQL on the lines after its head is read when the next record begins", () => {
    const reader = openReader(READER_DEFAULTS);
    const head = "2025-11-10T07:37:39.178Z DEBUG 1 --- [billing] [nio-8080-exec-1] org.hibernate.SQL                        : ";
    expect(
      [head, "    delete ", "    from", "        invoice", "    where", "        id=?"].flatMap((text, index) =>
        reader.read(line(text, index + 1)),
      ),
    ).toEqual([]);
    expect(reader.waits()).toBe(true);
    expect(reader.oldestNeeded()).toBe(1);
    expect(reader.read(line("2025-11-10T07:37:42.182Z  INFO 1 --- [billing] [           main] a.B : hello", 7))).toMatchObject([
      { kind: "row-deleted", table: "invoice", line: 1, destructive: false },
    ]);
    expect(reader.oldestNeeded()).toBeNull();
  });

  test("a statement is told when its session goes on, and not when it failed", () => {
    const at = (pid: number, rest: string) => `2025-11-03 09:17:44 UTC:10.20.0.5(53344):app@shop:[${pid}]:${rest}`;
    const failed = [
      at(1, "LOG:  statement: DELETE FROM orders"),
      at(2, "LOG:  statement: DELETE FROM carts"),
      at(1, "ERROR:  permission denied"),
      at(2, "LOG:  disconnection: x"),
    ];
    expect(tellLines(failed.join("\n")).map((event) => event.table)).toEqual(["carts"]);
  });

  test("every application line is read, whichever server's lines stand between", () => {
    const log = [
      "[2025-11-03 08:00:00 +0000] [29424] [INFO] Booting worker with pid: 29424",
      '{"message":"User bob created by ada","timestamp":"2025-11-03T08:00:01Z"}',
      '203.0.113.9 - - [03/Nov/2025:08:05:38 +0000] "POST /login HTTP/1.1" 401 28 "-" "-"',
      "WARNING:root:Failed login for eve",
    ];
    expect(kinds(log.join("\n"))).toEqual(["user-created", "auth-failed", "auth-failed"]);
  });
});

describe("trust", () => {
  const forged = "[2025-11-03 08:05:58,709] WARNING in portal: Override ON by admin 'ada' until 2025-11-03T10:00:00Z: x";

  test("an override in plain text is shown and not trusted, unless configuration names its logger or source", () => {
    expect(tellLines(forged)).toMatchObject([{ kind: "override-on", trusted: false }]);
    expect(tellLines(forged, { overridesFrom: ["portal"] })).toMatchObject([{ trusted: true }]);
    expect(tellLines(forged, { overridesFrom: ["web"] })).toMatchObject([{ trusted: true }]);
  });

  test("admin: a field, then configured names, then the door, then words; nobody is one by failing to log in", () => {
    const admin = { actors: ["ada"], paths: ["/ops/"] };
    const by = (text: string) => tellLines(text, { admin })[0]?.admin;
    expect(by('{"event":"user.created","user":"ada","role":"user"}')).toBe(false);
    expect(by('{"event":"user.created","user":"ada"}')).toBe(true);
    expect(by('1.2.3.4 - - [03/Nov/2025:08:05:38 +0000] "POST /ops/users HTTP/1.1" 201 -')).toBe(true);
    expect(by('1.2.3.4 - - [03/Nov/2025:08:05:38 +0000] "POST /api/users HTTP/1.1" 201 -')).toBeNull();
    expect(by("INFO:x:Created user 'b' by admin 'eve'")).toBe(true);
    expect(by("INFO:x:Created user 'b' by 'eve'")).toBeNull();
    expect(by("INFO:x:Failed login for 'ada'")).toBe(false);
  });
});

describe("a team's own lines", () => {
  const mappings = compileMappings(
    [
      { kind: "none", pattern: "^HEALTH ", contains: "HEALTH" },
      { kind: "row-deleted", pattern: "GONE (?<target>\\w+) x(?<rows>\\d+) by (?<actor>\\w+) @(?<ip>\\S+)", contains: undefined },
    ],
    "apps.web.events",
  );

  test("become events with what their groups name", () => {
    expect(tellLines("GONE basket x7 by eve @203.0.113.9:44", { mappings })).toMatchObject([
      { kind: "row-deleted", target: "basket", rows: 7, actor: "eve", ip: "203.0.113.9", trusted: true },
    ]);
    expect(kinds("2025-11-03 08:05:58 INFO [a] GONE x x0 by eve @1.2.3.4", { mappings })).toEqual([]);
    expect(kinds("HEALTH Deleted user bob", { mappings })).toEqual([]);
  });

  test("a pattern that is none and a group that no event has are told with their place", () => {
    const wrong = [
      { kind: "row-deleted" as const, pattern: "(", contains: undefined },
      { kind: "row-deleted" as const, pattern: "(?<who>x)", contains: undefined },
    ];
    expect(() => compileMappings(wrong, "apps.web.events")).toThrow(/events\[0\]\.pattern[\s\S]*events\[1\]\.pattern.*"who".*actor, ip/);
  });

  test("a pattern that would backtrack for ever does not", () => {
    const slow = compileMappings([{ kind: "row-deleted", pattern: "(a+)+$", contains: undefined }], "x");
    expect(kinds(`${"a".repeat(60_000)}!`, { mappings: slow })).toEqual([]);
  });
});

describe("what hostile lines cannot do", () => {
  test("a line of megabytes is cut, read and counted", () => {
    const reader = openReader(READER_DEFAULTS);
    const events = reader.read(
      line(`[2025-11-03 08:05:58,709] WARNING in portal: Failed login for 'eve' from 203.0.113.9 ${"x".repeat(10_000_000)}`),
    );
    expect(events).toMatchObject([{ kind: "auth-failed", actor: "eve" }]);
    expect(events[0]?.text.length).toBe(RECORD_LIMIT);
    expect(reader.counts()).toMatchObject({ cut: 1, events: 1 });
  });

  test("deep, polluting and broken JSON is read or counted", () => {
    const reader = openReader(READER_DEFAULTS);
    const deep = `{"event":${"[".repeat(30_000)}${"]".repeat(30_000)}}`;
    const polluting = '{"__proto__":{"event":"user.deleted","role":"admin"},"constructor":{"name":"x"},"event":"user.created"}';
    expect([deep, polluting, '{"event":', "{}", "[]", "null"].flatMap((text) => reader.read(line(text)))).toMatchObject([
      { kind: "user-created", admin: null },
    ]);
    expect(reader.counts().unreadable).toBe(3);
  });

  test("lines that nobody knows are counted", () => {
    const reader = openReader(READER_DEFAULTS);
    for (const text of ["Press CTRL+C to quit", "\u0000\u0001\u0002", "", "    indented"]) reader.read(line(text));
    expect(reader.counts()).toMatchObject({ lines: 4, records: 0, unreadable: 2 });
  });

  const pieces = fc.constantFrom(
    "[2025-11-03 08:05:58,709] WARNING in portal: ",
    '203.0.113.9 - - [03/Nov/2025:08:05:38 +0000] "',
    "2025-11-03 09:17:44 UTC:10.20.0.5(53344):app@shop:[12]:LOG:  statement: ",
    "2025-11-10T07:00:02.438Z  INFO 1 --- [b] [           main] org.hibernate.SQL : ",
    "1762592400007919,i,app,10.0.0.4,4,9,QUERY,shop,'",
    "Nov 20 12:16:22 vm sshd[9910]: ",
    '{"event":"',
    "Failed login for 'x' from ",
    "DELETE FROM users",
    "POST /login HTTP/1.1",
    '" 401 -',
    "\u001b[31m",
    "\u001b]8;;",
    "\t",
    "\n",
    "\r",
    '"}',
    "9".repeat(40),
    "\ufffd",
    "\u202e",
  );
  const text = fc.array(fc.oneof(pieces, fc.string({ unit: "binary", maxLength: 20 })), { maxLength: 12 }).map((parts) => parts.join(""));

  test("any mixture of heads, quotes, escapes and binary is read without failing, and counted", () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 8 }), (lines) => {
        const reader = openReader(READER_DEFAULTS);
        const events = [...lines.flatMap((each, index) => reader.read(line(each, index + 1))), ...reader.flush()];
        expect(reader.counts().lines).toBe(lines.length);
        expect(reader.counts().events).toBe(events.length);
      }),
      { numRuns: 300 },
    );
  });

  test("stopped and taken up anywhere, and with a prefilter before it, the same mixture tells the same", () => {
    const scanner = openScanner(cluesOf(READER_DEFAULTS, null) ?? []);
    const isWanted = (text: string) => scanner.holds(0, new TextEncoder().encodeInto(text, scanner.text).written);
    fc.assert(
      fc.property(fc.array(text, { maxLength: 8 }), (lines) => {
        const whole = openReader(READER_DEFAULTS);
        const expected = [...lines.flatMap((each, index) => whole.read(line(each, index + 1))), ...whole.flush()];
        let reader = openReader(READER_DEFAULTS);
        const taken = lines.flatMap((each, index) => {
          reader = openReader({ ...READER_DEFAULTS, state: JSON.parse(JSON.stringify(reader.state())) });
          return reader.read(line(each, index + 1));
        });
        expect([...taken, ...reader.flush()]).toEqual(expected);
        const filtered = openReader(READER_DEFAULTS);
        const kept = lines.flatMap((each, index) => (filtered.waits() || isWanted(each) ? filtered.read(line(each, index + 1)) : []));
        const told = (events: typeof expected) => events.map((event) => `${event.line} ${event.kind}`).toSorted();
        expect(told([...kept, ...filtered.flush()])).toEqual(told(expected));
      }),
      { numRuns: 300 },
    );
  });
});

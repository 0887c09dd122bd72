/** A line that tells something must never be passed over: what the grammars read holds a clue to its kind, whatever words it is made of. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { EventKind } from "../domain/index.ts";
import { type Clue, clue, cluesTo, together } from "./clue.ts";
import { readEventName } from "./grammar/event-name.ts";
import { readMessage } from "./grammar/message.ts";
import { readRequest } from "./grammar/request.ts";
import { wordsOfClasses } from "./grammar/words.ts";
import { compileMappings } from "./mappings.ts";
import { openScanner, type Scanner } from "./prefilter/open-scanner.ts";
import { cluesOf } from "./reader.ts";

const AUTO = { format: "auto" } as const;
const scanners = new Map<EventKind, Scanner>();

function isFound(kind: EventKind, text: string): boolean {
  const scanner = scanners.get(kind) ?? openScanner(cluesOf(AUTO, new Set([kind])) ?? []);
  scanners.set(kind, scanner);
  return scanner.holds(0, new TextEncoder().encodeInto(text, scanner.text).written);
}

const CLASSES = "FSXLgGPCURAchkuYvdDQjxOqzMpyebfomti";
const words = fc.constantFrom(...wordsOfClasses(CLASSES).map((word) => word.trim()), "'bob'", "17", "orders", ":", ",", "from 192.0.2.1");
// Few of all sentences of many words tell anything; of the words that kinds turn on, most do.
const turning = fc.constantFrom(
  ...[
    "failed",
    "no",
    "unable to",
    "login",
    "log in",
    "signed in",
    "password",
    "passwd",
    "changed",
    "reset",
    "set",
    "new",
    "user",
    "account",
  ],
  ...[
    "created",
    "added",
    "registered",
    "signed up",
    "signup",
    "deleted",
    "wiped",
    "migration",
    "applied",
    "override",
    "on",
    "'ada'",
    "for",
    "by",
  ],
);

describe("what is read holds a clue to it", () => {
  test.each([
    ["of any words", words],
    ["of the words that matter", turning],
  ])("a sentence %s", (_, word) => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 6 }), fc.boolean(), (parts, loud) => {
        const text = loud ? parts.join(" ").toUpperCase() : parts.join(" ");
        const told = readMessage(text);
        if (told !== null) expect(isFound(told.kind, text), `${told.kind}: ${text}`).toBe(true);
      }),
      { numRuns: 5_000 },
    );
  });

  test("the name of an event", () => {
    const part = fc.constantFrom(
      ...[
        "user",
        "account",
        "password",
        "passwd",
        "change",
        "updated",
        "set",
        "login",
        "log",
        "sign",
        "in",
        "up",
        "auth",
        "failed",
        "denied",
      ],
      ...[
        "create",
        "added",
        "new",
        "registration",
        "delete",
        "dropped",
        "wipe",
        "order",
        "migration",
        "ran",
        "override",
        "on",
        "statement",
        "refused",
      ],
    );
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), fc.constantFrom("_", ".", "-", ":", "/", ""), (parts, between) => {
        const capital = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
        const name = between === "" ? parts.map(capital).join("") : parts.join(between);
        const told = readEventName(name);
        if (told !== null) expect(isFound(told.kind, `{"event":"${name}"}`), `${told.kind}: ${name}`).toBe(true);
      }),
      { numRuns: 5_000 },
    );
  });

  test("a request", () => {
    const segment = fc.constantFrom(
      ...["login", "session", "token", "sign_in", "users", "register", "adduser", "new", "user", "password", "reset", "confirm", "change"],
      ...["delete", "purge", "orders", "17", "override", "off", "api", "members", "signup", "0123456789abcdef0"],
    );
    const status = fc.constantFrom(200, 201, 204, 302, 401, 403);
    fc.assert(
      fc.property(
        fc.constantFrom("POST", "PUT", "PATCH", "DELETE", "GET"),
        fc.array(segment, { maxLength: 4 }),
        status,
        (method, path, code) => {
          const told = readRequest({ method, path: `/${path.join("/")}`, status: code, user: null });
          if (told === null) return;
          for (const line of [
            `192.0.2.1 - - [02/Mar/2026:00:00:00 +0000] "${method} /${path.join("/")} HTTP/1.1" ${code} 3`,
            JSON.stringify({ method, path: `/${path.join("/")}`, status: code }),
          ])
            expect(isFound(told.kind, line), `${told.kind}: ${line}`).toBe(true);
        },
      ),
      { numRuns: 5_000 },
    );
  });
});

test("of words of which one stands in the other, the shorter is looked for", () => {
  expect(clue("auth-failed", ["failed", "fail", "failure"], together("log", "in")).words).toEqual([
    ["fail"],
    ["login", "log in", "log-in", "log_in", "log.in", "log:in", "log/in"],
  ]);
});

test("clues to kinds that nobody counts are left out, those that bear on other lines never", () => {
  const all: readonly Clue[] = [
    clue(null, ["one"]),
    clue("auth-failed", ["two"]),
    clue(["row-deleted", "user-created"], ["three"]),
    clue(null, ["one"]),
  ];
  expect(cluesTo(new Set(["row-deleted"]), all).map((each) => each.words)).toEqual([[["one"]], [["three"]]]);
  expect(cluesTo(null, all)).toHaveLength(3);
});

test("a team's own pattern is found by what its lines contain; where it does not say, any line may matter", () => {
  const own = (contains?: string) => compileMappings([{ kind: "row-deleted", pattern: "^GDPR \\d+$", contains }], "x");
  const wanted = cluesOf({ ...AUTO, mappings: own("GDPR") }, new Set(["row-deleted"])) ?? [];
  const scanner = openScanner(wanted);
  expect(scanner.holds(0, new TextEncoder().encodeInto("GDPR 17", scanner.text).written)).toBe(true);
  expect([own(), own("x")].map((mappings) => cluesOf({ ...AUTO, mappings }, null))).toEqual([null, null]);
});

test("an access log of a team's own is looked for by its methods, whatever stands between them and the path", () => {
  const accessLog = "%(m)s;%(U)s;%(s)s";
  const scanner = openScanner(cluesOf({ ...AUTO, accessLog }, new Set(["auth-failed"])) ?? []);
  expect(scanner.holds(0, new TextEncoder().encodeInto("POST;/login;401", scanner.text).written)).toBe(true);
});

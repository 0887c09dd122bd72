import { expect, test } from "vitest";
import { tellLines } from "../tell-lines.ts";

const one = (fields: unknown) => tellLines(JSON.stringify(fields));
const at = Date.UTC(2026, 10, 20, 12, 0, 0, 123);

test("the recommended contract, long and short", () => {
  const long = {
    "@timestamp": "2026-11-20T12:00:00.123Z",
    event: { action: "password-changed", category: ["iam"], type: ["user", "change"], outcome: "success" },
    user: { id: "42", name: "ada", roles: ["admin"], target: { id: "77", name: "bob" } },
    client: { ip: "203.0.113.9" },
  };
  const short = {
    timestamp: "2026-11-20T12:00:00.123Z",
    event: "password-changed",
    actor: { name: "ada", role: "admin" },
    target: { name: "bob" },
    ip: "203.0.113.9",
  };
  for (const fields of [long, short]) {
    expect(one(fields)).toMatchObject([
      { kind: "password-changed", at, actor: "ada", target: "bob", ip: "203.0.113.9", admin: true, trusted: true },
    ]);
  }
});

test("an override that lines repeat is declared by the first and ended by the first that says it is off", () => {
  const line = (on: boolean) =>
    JSON.stringify({ event: "user-created", target: { name: "x" }, override: { on, reason: "CHG-1042", expires: "2026-11-20T13:00:00Z" } });
  const kinds = tellLines([line(true), line(true), line(false), line(false)].join("\n")).map((event) => event.kind);
  expect(kinds.filter((kind) => kind !== "user-created")).toEqual(["override-on", "override-off"]);
  expect(one({ event: "override-on", reason: "CHG-1", expires: "2026-11-20T13:00:00Z" })).toMatchObject([
    { kind: "override-on", override: { reason: "CHG-1", until: Date.UTC(2026, 10, 20, 13) }, trusted: true },
  ]);
});

test.each([
  [
    "ECS flat",
    {
      "event.category": "authentication",
      "event.type": "start",
      "event.outcome": "failure",
      "user.name": "bob",
      "source.ip": "[2001:db8::1]:443",
    },
    "auth-failed",
  ],
  ["GELF", { version: "1.1", short_message: "Failed login for 'bob'", timestamp: 1_725_958_035.857 }, "auth-failed"],
  [
    "Logstash",
    { "@timestamp": "2024-01-01T10:15:00.111037681+02:00", "@version": "1", message: "Password changed for user bob" },
    "password-changed",
  ],
  ["OWASP", { datetime: "2026-11-20T12:00:00+0000", event: "authn_login_fail:joebob1" }, "auth-failed"],
  ["structlog, a sentence as event", { event: "Login failed for user bob", level: "warning" }, "auth-failed"],
  ["an access log", { method: "DELETE", path: "/api/orders/5", status: 204, remote_addr: "10.1.1.1" }, "row-deleted"],
  ["Alembic", { name: "alembic.runtime.migration", message: "Running upgrade 1a2b -> 3c4d, x" }, "migration-ran"],
  ["a guard", { event: "statement-refused", table: "users" }, "statement-refused"],
])("%s", (_, fields, kind) => {
  expect(one(fields)).toMatchObject([{ kind }]);
});

test.each([
  ["asked for", { event: "user.password_reset_requested", target: "bob" }],
  ["no rows", { event: "row.deleted", table: "orders", rows: 0 }],
  ["failed", { event: { action: "user-created", outcome: "failure" } }],
  ["a user's words in a field", { event: "comment.created", text: "Deleted user bob" }],
  ["a user's words in the message", { message: "Comment: Deleted user bob" }],
])("nothing happened: %s", (_, fields) => {
  expect(one(fields)).toEqual([]);
});

test("who acted in a field of its own makes the user the one it was done to", () => {
  expect(one({ event: "user_deleted", user_id: 5, deleted_by: "ada" })).toMatchObject([{ actor: "ada", target: "5", table: "user" }]);
});

test("only fields are trusted, not what a message says", () => {
  expect(one({ message: "Override ON by admin 'ada'" })).toMatchObject([{ kind: "override-on", trusted: false }]);
});

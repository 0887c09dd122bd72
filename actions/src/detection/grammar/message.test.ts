import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readMessage, type Told } from "./message.ts";

const told = (message: string) => {
  const found: Told | null = readMessage(message);
  return found === null || !found.happened ? null : [found.kind, found.actor, found.target, found.table, found.rows];
};

describe("what happened, in the words of many applications", () => {
  test.each<[string, ...unknown[]]>([
    ["Failed login for 'dave' from 203.0.113.12", "auth-failed", "dave", null, null, null],
    ["Login failed for user bob (ip: 10.0.0.1)", "auth-failed", "bob", null, null, null],
    ["Invalid username or password for bob", "auth-failed", "bob", null, null, null],
    ["Authentication failed: invalid password for user 'bob'", "auth-failed", "bob", null, null, null],
    ["User bob failed to log in", "auth-failed", "bob", null, null, null],
    ["Login attempt by bob rejected", "auth-failed", "bob", null, null, null],
    ["User 'bob' logged in from 203.0.113.10", "auth-succeeded", "bob", null, null, null],
    ["Successful login for alice", "auth-succeeded", "alice", null, null, null],
    ["Password changed for user 'bob' by 'ada'", "password-changed", "ada", "bob", null, null],
    ["Password reset for user 'x'", "password-changed", "x", "x", null, null],
    ["User bob changed their password", "password-changed", "bob", "bob", null, null],
    ["bob's password was reset by admin ada", "password-changed", "ada", "bob", null, null],
    ["Reset 40 passwords by ada", "password-changed", "ada", null, null, 40],
    ["Created user 'new' (id=65, role=user) by 'ada'", "user-created", "ada", "new", null, null],
    ["User bob created by ada", "user-created", "ada", "bob", null, null],
    ["Admin ada created a new user bob", "user-created", "ada", "bob", null, null],
    ["New user registered: bob@example.com", "user-created", "bob@example.com", "bob@example.com", null, null],
    ["User alice signed up", "user-created", "alice", "alice", null, null],
    ["Deleted 1 row(s) from orders where id=1 by 'bob'", "row-deleted", "bob", null, "orders", 1],
    ["Deleted 3 orders", "row-deleted", null, null, "orders", 3],
    ["Order 17 deleted by bob", "row-deleted", "bob", "17", "order", null],
    ["Invoice INV-2024-001 deleted by bob", "row-deleted", "bob", "INV-2024-001", "invoice", null],
    ["User bob deleted order 5", "row-deleted", "bob", "5", "order", null],
    ["User bob deleted by ada", "row-deleted", "ada", "bob", "user", null],
    ["Customer record 55 removed by ada", "row-deleted", "ada", "55", "customer", null],
    ["200 records purged from events", "row-deleted", null, null, "events", 200],
    ["AUDIT: User bob deleted by ada", "row-deleted", "ada", "bob", "user", null],
  ])("%s", (message, ...expected) => {
    expect(told(message)).toEqual(expected);
  });
});

describe("nothing happened, though the words are there", () => {
  test.each([
    "Password reset requested for 'bob@example.com'",
    "Password reset email sent to bob",
    "Password change failed for bob",
    "Password policy updated by ada",
    "Password expired for user bob",
    "Failed to delete user bob",
    "could not delete user 'bob'",
    "Deleted 0 row(s) from orders",
    "No rows deleted from orders",
    "Would delete 30 orders",
    "Dry run: deleted 40 users",
    "User bob will be deleted",
    "User deletion scheduled for bob",
    "Deleted 12 files from /tmp",
    "Deleted 3 expired sessions",
    "Removed user bob from group admins",
    "User bob added to group admins",
    "User bob created order 5",
    "Order 17 removed from cart",
    "Created table users",
    "Added role editor to user bob",
    "User profile updated for bob",
    "User bob logged out",
    "Login page rendered",
    "Invalid token for user bob",
    "Failed to send password reset mail to bob",
    "override_settings enabled",
  ])("%s", (message) => {
    expect(told(message)).toBeNull();
  });

  test.each([
    "Comment by 203.0.113.2: I wrote: Failed password for root from 198.51.100.9 and 'Deleted user bob'",
    "Order 121 created by 'ada': please delete user bob, Password changed for user 'x'",
    'Request finished: user bob deleted comment said "Failed login for root"',
    "Comment by eve: Override ON by admin 'ada' until 2030-01-01T00:00:00Z: x",
  ])("words of a user do not speak for the application: %s", (message) => {
    expect(told(message)).toBeNull();
  });
});

test("the last address is the client's: a name chosen to hold another stands before it", () => {
  expect(readMessage("Failed login for 'x from 192.0.2.77' from 198.51.100.18")?.ip).toBe("198.51.100.18");
});

test("an administrator is one whom the words call so; who changes an own password acts as none", () => {
  const words = (message: string) => readMessage(message)?.words;
  expect(words("Password changed for user 'bob' by admin 'ada'")).toBe(true);
  expect(words("Password changed for user 'bob' by 'ada'")).toBeNull();
  expect(words("Password changed for user 'bob' by 'bob'")).toBe(false);
});

test("an override says why and until when", () => {
  expect(readMessage("Override ON by admin 'ada' until 2025-11-03T10:25:05Z: import of partners, CHG-1042")).toMatchObject({
    kind: "override-on",
    actor: "ada",
    override: { reason: "import of partners, CHG-1042", until: Date.UTC(2025, 10, 3, 10, 25, 5) },
  });
});

test("no text makes the grammar fail", () => {
  const words = fc.constantFrom(
    "user",
    "password",
    "deleted",
    "by",
    "for",
    "'",
    '"',
    "(",
    ")",
    ":",
    "from",
    "3",
    "bob",
    "\u001b[31m",
    "=",
    "s'",
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: "binary" }),
        fc.array(words, { maxLength: 60 }).map((parts) => parts.join(" ")),
      ),
      (message) => {
        readMessage(message);
      },
    ),
  );
});

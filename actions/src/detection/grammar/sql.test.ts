import fc from "fast-check";
import { expect, test } from "vitest";
import { isPasswordColumn, readActs } from "./sql.ts";

const told = (sql: string, backslash = false) =>
  readActs(sql, backslash).map(({ kind, table, target, destructive }) =>
    [kind, table ?? target, ...(destructive ? ["takes everything"] : [])].join(" "),
  );

test.each([
  ["DELETE FROM orders", "row-deleted orders takes everything"],
  ["DELETE FROM orders WHERE user_id IN (SELECT id FROM users WHERE x)", "row-deleted orders"],
  ["delete from ONLY public.orders o USING users u WHERE o.user_id = u.id", "row-deleted public.orders"],
  ["DELETE a FROM a JOIN b ON a.id=b.id", "row-deleted a"],
  ["DELETE FROM sessions WHERE 1=1", "row-deleted sessions takes everything"],
  ["DELETE FROM t WHERE (true)", "row-deleted t takes everything"],
  ["TRUNCATE TABLE orders, users CASCADE", "row-deleted orders takes everything"],
  ['UPDATE "users" SET "password" = $1, updated_at = now() WHERE "id" = 3', "password-changed users"],
  ["/* app */ update person set pwd = ? where id = ?", "password-changed person"],
  ["UPDATE products SET price = price * 2", "row-deleted products takes everything"],
  ["INSERT INTO users (email) VALUES ($1)", "user-created users"],
  ["insert into app_user (email, password_hash, id) values (?, ?, default)", "user-created app_user"],
  ["INSERT INTO accounts (email, password) VALUES (1, 2)", "user-created accounts"],
  ["ALTER TABLE users ADD COLUMN phone text; UPDATE alembic_version SET version_num='x' WHERE true", "migration-ran users"],
  ["DROP TABLE IF EXISTS sessions", "migration-ran sessions takes everything"],
  ["ALTER TABLE users DROP COLUMN legacy", "migration-ran users takes everything"],
  ["ALTER TABLE users DROP CONSTRAINT c", "migration-ran users"],
  ["CREATE ROLE joe LOGIN PASSWORD 'x'", "user-created joe"],
  ["ALTER USER joe@'%' IDENTIFIED BY *****", "password-changed joe"],
  ["SET PASSWORD FOR joe@'%' = PASSWORD(*****)", "password-changed joe"],
  ["DROP USER joe@'%'", "row-deleted mysql.user"],
  ["WITH gone AS (DELETE FROM orders WHERE id < 5 RETURNING *) SELECT count(*) FROM gone", "row-deleted orders"],
  ["MERGE INTO t USING s ON t.id=s.id WHEN MATCHED THEN DELETE", "row-deleted t"],
  ["DO $$ BEGIN IF true THEN DELETE FROM orders; END IF; END $$", "row-deleted orders takes everything"],
  ["EXPLAIN ANALYZE DELETE FROM orders WHERE id=1", "row-deleted orders"],
])("%s: %s", (sql, expected) => {
  expect(told(sql)).toEqual([expected]);
});

test.each([
  "SELECT 'DELETE FROM users' AS note; INSERT INTO sessions(id) VALUES ('DROP TABLE users; DELETE FROM users')",
  "select id from app_user where email=? /* delete from */ -- drop table users",
  "EXPLAIN DELETE FROM orders",
  "UPDATE users SET email=$1 WHERE id=$2",
  "UPDATE users SET password_reset_token='a' WHERE id=1",
  "INSERT INTO user_roles(user_id) VALUES (1)",
  "INSERT INTO accounts (id, balance) VALUES (1, 2)",
  "CREATE TEMP TABLE x (id int)",
  "CREATE ROLE readers",
  "CREATE TABLE alembic_version (version_num varchar)",
  "ALTER USER joe PASSWORD EXPIRE",
  "GRANT ALL ON x TO y",
])("nothing: %s", (sql) => {
  expect(told(sql)).toEqual([]);
});

test("a backslash ends no literal in PostgreSQL and hides a quote in MySQL: a WHERE behind it is seen in both", () => {
  expect(told("DELETE FROM t WHERE path = 'C:\\' AND id = 1")).toEqual(["row-deleted t"]);
  expect(told("DELETE FROM t WHERE name = 'it\\'s' AND id = 1", true)).toEqual(["row-deleted t"]);
  expect(told("UPDATE t SET doc = doc #- '{a}' WHERE id = 1")).toEqual([]);
});

test("a column about a password is not one that holds it", () => {
  expect(["password", "password_hash", "hashedPassword", "encrypted_password", "passwd", "pwd"].every(isPasswordColumn)).toBe(true);
  expect(["password_reset_at", "password_changed", "passwordExpires", "password_hint", "passenger", "compass"].some(isPasswordColumn)).toBe(
    false,
  );
});

test("a statement that says it ran a migration tool's bookkeeping is no deletion", () => {
  expect(told("DELETE FROM alembic_version WHERE version_num = 'x'")).toEqual(["migration-ran alembic_version"]);
  expect(told("DELETE FROM databasechangeloglock")).toEqual([]);
});

test("no text makes the reader fail", () => {
  const parts = fc.constantFrom(
    "delete",
    "from",
    "where",
    "'",
    '"',
    "$$",
    "$a$",
    "/*",
    "*/",
    "--",
    "(",
    ")",
    ";",
    "with",
    "as",
    "set",
    "\\",
    "update",
    "x",
    "=",
    "1",
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: "binary" }),
        fc.array(parts, { maxLength: 80 }).map((words) => words.join(" ")),
      ),
      fc.boolean(),
      (sql, backslash) => {
        readActs(sql, backslash);
      },
    ),
  );
});

import { beforeAll, describe, expect, test } from "vitest";
import { VERDICTS, type VerdictWord } from "../domain/index.ts";
import { lintSql } from "./lint-sql.ts";
import { loadParser } from "./parser.ts";
import { losesData } from "./verdict.ts";

beforeAll(loadParser);

function worst(sql: string): VerdictWord {
  const verdicts = lintSql("m.sql", sql).map(({ verdict }) => verdict);
  return VERDICTS.find((each) => verdicts.includes(each)) ?? "safe";
}
const idsOf = (sql: string) => lintSql("m.sql", sql).flatMap(({ findings }) => findings.map(({ id }) => id));

describe("destroys data", () => {
  test.each([
    "DROP TABLE users",
    "DROP TABLE IF EXISTS a.users, orders CASCADE",
    "ALTER TABLE users DROP COLUMN email",
    "ALTER TABLE users ADD COLUMN x int, DROP COLUMN IF EXISTS email CASCADE",
    "TRUNCATE users RESTART IDENTITY CASCADE",
    "DELETE FROM users",
    "DELETE FROM users WHERE true",
    "DELETE FROM users WHERE 1 = 1",
    "DELETE FROM users WHERE 2 > 1 AND NOT false",
    "DELETE FROM users WHERE id = id OR email = 'x'",
    "DELETE FROM users WHERE email LIKE '%'",
    "DELETE FROM users WHERE 'a' = 'a'",
    "DELETE FROM users WHERE 1 IN (1, 2)",
    "DELETE FROM users WHERE 't'::boolean",
    "DELETE FROM users WHERE (1 = 1) IS TRUE",
    "UPDATE users SET password_hash = 'x'",
    "UPDATE users SET password_hash = 'x' WHERE 1 < 2",
    "DROP SCHEMA app CASCADE",
    "DROP OWNED BY app CASCADE",
    "DROP DATABASE app",
    "WITH gone AS (DELETE FROM users RETURNING *) SELECT count(*) FROM gone",
    "WITH a AS (SELECT 1), b AS (UPDATE users SET email = 'x' RETURNING id) INSERT INTO log SELECT id FROM b",
    "CREATE TABLE kept AS WITH gone AS (DELETE FROM users RETURNING *) SELECT * FROM gone",
    "DO $$ BEGIN DELETE FROM users; END $$",
    "DO $$ BEGIN IF true THEN DROP TABLE users; END IF; END $$",
    "DO $$ BEGIN EXECUTE 'DROP TABLE users'; END $$",
    "DO $$ DECLARE t record; BEGIN FOR t IN SELECT * FROM pg_tables LOOP EXECUTE format('DROP TABLE %I', t.tablename); END LOOP; END $$",
    "DO $$ DECLARE t text := 'users'; BEGIN EXECUTE 'TRUNCATE ' || quote_ident(t); END $$",
    "DO $$ BEGIN PERFORM 1; EXCEPTION WHEN OTHERS THEN DROP TABLE users; END $$",
    "PREPARE gone AS DELETE FROM users",
    "EXPLAIN ANALYZE DELETE FROM users",
    "DROP TABLE users; CREATE TABLE users (id int)",
    "CREATE FUNCTION f(a app.kind, OUT n int) LANGUAGE plpgsql AS $$ BEGIN n := 1; DELETE FROM users; END $$; SELECT f('x')",
    "CREATE FUNCTION f() RETURNS TABLE (n int) LANGUAGE plpgsql AS $$ BEGIN RETURN QUERY EXECUTE 'DELETE FROM users RETURNING id'; END $$; SELECT * FROM f()",
    "CREATE FUNCTION f(n int) RETURNS app.kind LANGUAGE plpgsql AS $$ BEGIN DELETE FROM users; RETURN n; END $$; SELECT f(1)",
    "ALTER TYPE address DROP ATTRIBUTE street",
    "CREATE FUNCTION purge() RETURNS void LANGUAGE sql AS 'DELETE FROM users'; SELECT purge()",
    "CREATE PROCEDURE purge() LANGUAGE plpgsql AS $$ BEGIN TRUNCATE users; END $$; CALL purge()",
  ])("%s", (sql) => {
    expect(worst(sql)).toBe("destroys-data");
  });
});

describe("may destroy data", () => {
  test.each([
    "DELETE FROM users WHERE last_login_at < now() - interval '1 year'",
    "DELETE FROM users USING banned WHERE users.id = banned.id",
    "UPDATE users SET email = lower(email) WHERE email <> lower(email)",
    "UPDATE users SET a = 1 WHERE b IS NULL",
    "INSERT INTO users (id, email) VALUES (1, 'a') ON CONFLICT (id) DO UPDATE SET email = excluded.email",
    "MERGE INTO users u USING gone g ON u.id = g.id WHEN MATCHED THEN DELETE",
    "MERGE INTO users u USING s ON u.id = s.id WHEN MATCHED THEN UPDATE SET email = s.email",
    "ALTER TABLE users DISABLE TRIGGER ALL",
    "ALTER TABLE users DISABLE TRIGGER audit",
    "SET session_replication_role = 'replica'",
    "SELECT set_config('session_replication_role', 'replica', false)",
    "ALTER TABLE users DROP CONSTRAINT users_pkey",
    "ALTER TABLE orders DROP CONSTRAINT orders_user_id_fkey",
    "DROP TRIGGER audit ON users",
    "DROP SEQUENCE users_id_seq",
    "DROP TYPE mood CASCADE",
    "DROP EXTENSION hstore CASCADE",
    "DROP FUNCTION f() CASCADE",
    "ALTER TABLE users SET UNLOGGED",
    "ALTER TABLE measurements DETACH PARTITION m2020",
    "ALTER TABLE users ALTER COLUMN created_at TYPE date",
    "ALTER TABLE users ALTER COLUMN balance TYPE numeric(10,2)",
    "ALTER TABLE users ALTER COLUMN name TYPE varchar(20) USING name::varchar(20)",
    "ALTER TABLE users ALTER COLUMN tags TYPE jsonb USING to_jsonb(split_part(tags, ',', 1))",
    "CREATE FUNCTION purge() RETURNS void LANGUAGE sql AS 'DELETE FROM users WHERE old'",
    "CREATE FUNCTION purge() RETURNS void LANGUAGE sql BEGIN ATOMIC DELETE FROM users; END",
    "CREATE FUNCTION purge() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM users WHERE id = OLD.id; RETURN OLD; END $$",
    "CREATE RULE gone AS ON DELETE TO users DO INSTEAD NOTHING",
    "DO $$ BEGIN EXECUTE (SELECT command FROM commands); END $$",
    "DO $$ DECLARE s text; BEGIN EXECUTE 'CREATE INDEX ' || s; END $$",
    "DO LANGUAGE plpython3u $$ plpy.execute('x') $$",
    "SELECT purge_old_users()",
    "CALL app.purge()",
    "EXECUTE gone",
    "COPY users FROM PROGRAM 'curl example.org'",
    "SELECT dblink_exec('host=other', 'DELETE FROM users')",
    "SELECT aws_lambda.invoke('f', '{}')",
    "SET ROLE admin",
    "SET SESSION AUTHORIZATION admin",
    "\\! rm -rf /",
    "SELECT lo_unlink(1)",
  ])("%s", (sql) => {
    expect(worst(sql)).toBe("may-destroy-data");
  });
});

describe("loses nothing", () => {
  test.each([
    ["safe", "CREATE TABLE users (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, team int REFERENCES teams (id) ON DELETE CASCADE)"],
    ["safe", "ALTER TABLE users ADD COLUMN nickname text"],
    ["safe", "ALTER TABLE users ADD COLUMN active boolean NOT NULL DEFAULT true, ADD COLUMN created_at timestamptz NOT NULL DEFAULT now()"],
    ["safe", "CREATE INDEX CONCURRENTLY users_email ON users (email)"],
    ["safe", "DROP INDEX CONCURRENTLY IF EXISTS users_email"],
    [
      "safe",
      "CREATE TABLE t (id int); CREATE INDEX i ON t (id); INSERT INTO t VALUES (1); UPDATE t SET id = 2; DELETE FROM t; DROP TABLE t",
    ],
    ["safe", "INSERT INTO roles (name) VALUES ('admin') ON CONFLICT DO NOTHING"],
    ["safe", "ALTER TABLE users ADD CONSTRAINT positive CHECK (age > 0) NOT VALID"],
    ["safe", "ALTER TABLE users VALIDATE CONSTRAINT positive"],
    ["safe", "ALTER TYPE mood ADD VALUE 'calm'"],
    ["safe", "CREATE OR REPLACE VIEW v AS SELECT 1; COMMENT ON VIEW v IS 'x'; GRANT SELECT ON v TO reader"],
    ["safe", "SELECT setval('users_id_seq', (SELECT max(id) FROM users))"],
    ["safe", "SELECT pg_catalog.set_config('search_path', '', false)"],
    ["safe", "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.updated_at = now(); RETURN NEW; END $$"],
    ["safe", "DROP TRIGGER IF EXISTS touch ON users; CREATE TRIGGER touch BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION touch()"],
    [
      "safe",
      "DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_type WHERE typname = 'mood') THEN CREATE TYPE mood AS ENUM ('calm'); END IF; END $$",
    ],
    ["safe", "DO $$ BEGIN CREATE TYPE mood AS ENUM ('calm'); EXCEPTION WHEN duplicate_object THEN null; END $$"],
    ["safe", "EXPLAIN DELETE FROM users"],
    ["locks", "CREATE INDEX users_email ON users (email)"],
    ["locks", "ALTER TABLE users ALTER COLUMN email SET NOT NULL"],
    ["locks", "ALTER TABLE orders ADD CONSTRAINT fk FOREIGN KEY (user_id) REFERENCES users (id)"],
    ["locks", "ALTER TABLE users ADD CONSTRAINT u UNIQUE (email)"],
    ["locks", "ALTER TABLE users RENAME COLUMN email TO mail"],
    ["locks", "ALTER TABLE users ADD COLUMN score int; UPDATE users SET score = 0"],
    ["locks", "UPDATE users SET score = 0 WHERE score IS NULL"],
    ["locks", "UPDATE users SET score = coalesce(score, 0)"],
    ["locks", "ALTER TABLE t DROP CONSTRAINT kind_check; ALTER TABLE t ADD CONSTRAINT kind_check CHECK (kind IN ('a', 'b')) NOT VALID"],
    ["rewrites", "ALTER TABLE users ALTER COLUMN id TYPE bigint"],
    ["rewrites", "ALTER TABLE users ADD COLUMN token uuid NOT NULL DEFAULT gen_random_uuid()"],
    ["rewrites", "ALTER TABLE users ALTER COLUMN kind TYPE app.kind USING kind::text::app.kind"],
    ["rewrites", "VACUUM FULL users"],
    ["style", "BEGIN; CREATE TABLE t (id int); COMMIT"],
    ["style", "DROP VIEW old_report"],
  ] as const)("%s: %s", (verdict, sql) => {
    expect(worst(sql)).toBe(verdict);
  });
});

test("every statement is told with its own line, also behind comments, non-ASCII text and CRLF", () => {
  const sql =
    "-- Überschrift\r\nSELECT 1;\r\n\r\n/* a /* nested */ one */\r\n-- more\r\nDROP TABLE users; DELETE FROM orders\r\nWHERE true;\r\n";
  expect(lintSql("m.sql", sql).map(({ line, statement, verdict }) => [line, statement, verdict])).toEqual([
    [2, "SELECT 1", "safe"],
    [6, "DROP TABLE users", "destroys-data"],
    [6, "DELETE FROM orders\r\nWHERE true", "destroys-data"],
  ]);
});

test("each finding says what is lost, why, and a safer way", () => {
  const [judged] = lintSql("m.sql", "ALTER TABLE app.users DROP COLUMN email");
  expect(judged?.findings).toEqual([
    {
      id: "drop-column",
      verdict: "destroys-data",
      message: "Drops the column app.users.email with its value in every row.",
      saferWay: expect.stringContaining("after a snapshot"),
    },
  ]);
});

describe("a finding is let pass in the file alone, with a reason that is shown", () => {
  const drop = "ALTER TABLE users DROP COLUMN legacy";
  test("with a reason", () => {
    const [judged] = lintSql("m.sql", `-- holdfast:allow drop-column the column was never filled\n${drop}`);
    expect(judged?.verdict).toBe("safe");
    expect(judged?.findings).toMatchObject([{ id: "drop-column", allowedBecause: "the column was never filled" }]);
  });
  test.each([
    ["no reason", "-- holdfast:allow drop-column"],
    ["another finding", "-- holdfast:allow drop-table the table was never filled"],
    ["a finding that is none", "-- holdfast:allow everything because we are in a hurry"],
    ["a place that is not directly before it", "-- holdfast:allow drop-column the column was never filled\nSELECT 1;"],
  ])("not with %s", (_, comment) => {
    expect(worst(`${comment}\n${drop}`)).toBe("destroys-data");
  });
});

describe("what migration tools put around SQL", () => {
  test("the way back of goose, sql-migrate and dbmate is not what runs", () => {
    for (const marker of ["-- +goose Down", "-- +migrate Down", "-- migrate:down"]) {
      expect(worst(`CREATE TABLE t (id int);\n${marker}\nDROP TABLE t;`)).toBe("safe");
    }
  });
  test("placeholders stand for names", () => {
    expect(worst(`DROP TABLE ${"$"}{schema}.users`)).toBe("destroys-data");
  });
  test("a backslash inside a body is no command of psql", () => {
    expect(worst("SELECT '\n\\! x\n'")).toBe("safe");
  });
});

describe("what cannot be judged is refused with its place", () => {
  test.each([
    ["a syntax error", "SELECT 1;\nDELETE FRM users;", "m.sql:2:8"],
    ["nothing", "  \n", "found nothing"],
    ["comments alone", "-- nothing here", "only comments"],
    ["binary text", "SELECT 1;\u0000\u0001", "UTF-8"],
    ["another dialect", "CREATE TABLE `users` (id INT AUTO_INCREMENT)", "other dialects"],
    ["a dump", "-".repeat(17 * 1024 * 1024), "at most"],
  ])("%s", (_, sql, message) => {
    expect(() => lintSql("m.sql", sql)).toThrow(message);
  });
});

test("a function that calls itself is judged once", () => {
  const sql = "CREATE FUNCTION f() RETURNS void LANGUAGE sql AS 'SELECT f(); DELETE FROM users'; SELECT f()";
  expect(idsOf(sql)).toEqual(["body-destroys-data", "delete-all"]);
});

test("the worst verdict is a loss only where rows or what protects them may go", () => {
  expect(VERDICTS.filter(losesData)).toEqual(["destroys-data", "may-destroy-data"]);
});

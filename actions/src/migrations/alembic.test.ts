import { beforeAll, describe, expect, test } from "vitest";
import { type AlembicHistory, pendingRevisions } from "./alembic.ts";
import { judgeMigration } from "./judge-migration.ts";
import { loadParser } from "./parser.ts";

beforeAll(loadParser);

const file = (version: string, text = "") => ({
  name: `${version}_x.py`,
  text: `revision: str = "${version}"\ndown_revision = None\n${text}`,
});
const files = ["a1", "b2", "c3", "d4", "e5", "f6"].map((version) => file(version));

// As Alembic 1.20 writes them.
const create =
  "CREATE TABLE alembic_version (\n    version_num VARCHAR(32) NOT NULL, \n    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)\n);";
const from = (before: string, after: string) =>
  `UPDATE alembic_version SET version_num='${after}' WHERE alembic_version.version_num = '${before}';`;
const added = (version: string) => `INSERT INTO alembic_version (version_num) VALUES ('${version}') RETURNING alembic_version.version_num;`;
const a1 = `-- Running upgrade  -> a1\n\nCREATE TABLE users (id SERIAL NOT NULL);\n\n${added("a1")}`;
const b2 = `-- Running upgrade a1 -> b2\n\nALTER TABLE users ADD COLUMN mail TEXT;\n\nUPDATE users SET mail = '; -- Running upgrade x -> y' WHERE id = 1;;\n\n${from("a1", "b2")}`;
const c3 = `-- Running upgrade b2 -> c3\n\nCOMMIT;\n\nCREATE INDEX CONCURRENTLY i ON users (mail);\n\nBEGIN;\n\n${from("b2", "c3")}`;
const whole = `BEGIN;\n\n${create}\n\n${a1}\n\n${b2}\n\n${c3}\n\nCOMMIT;\n\n`;

const base: AlembicHistory = { sql: whole, files, table: "alembic_version", baseline: undefined, versions: null, applied: [], own: [] };
const pendingOf = (change: Partial<AlembicHistory> = {}) => pendingRevisions({ ...base, ...change });
const versionsOf = (change: Partial<AlembicHistory> = {}) => pendingOf(change).map(({ version }) => version);

test("an empty database lacks everything, and Alembic's own table is made with the first revision", () => {
  const pending = pendingOf();
  expect(pending.map(({ version, name, file: from }) => [version, name, from])).toEqual([
    ["a1", "a1_x", "a1_x.py"],
    ["b2", "b2_x", "b2_x.py"],
    ["c3", "c3_x", "c3_x.py"],
  ]);
  expect(
    pending
      .map(judgeMigration)
      .map(({ mode, statements, bookkeeping }) => [mode, statements.map(({ statement }) => statement), bookkeeping]),
  ).toEqual([
    ["transaction", ["CREATE TABLE users (id SERIAL NOT NULL)"], [create.slice(0, -1), added("a1").slice(0, -1)]],
    [
      "transaction",
      ["ALTER TABLE users ADD COLUMN mail TEXT", "UPDATE users SET mail = '; -- Running upgrade x -> y' WHERE id = 1"],
      [from("a1", "b2").slice(0, -1)],
    ],
    ["alone", ["CREATE INDEX CONCURRENTLY i ON users (mail)"], [from("b2", "c3").slice(0, -1)]],
  ]);
});

test("the database's own table says what is pending, also where each revision has a transaction of its own", () => {
  expect(versionsOf({ versions: ["a1"] })).toEqual(["b2", "c3"]);
  expect(versionsOf({ versions: ["c3"] })).toEqual([]);
  const each = `BEGIN;\n\n${create}\n\n${a1}\n\nCOMMIT;\n\nBEGIN;\n\n${b2}\n\nCOMMIT;\n\nBEGIN;\n\n${c3}\n\nCOMMIT;\n\n`;
  expect(pendingOf({ sql: each })).toEqual(pendingOf());
  expect(versionsOf({ sql: `BEGIN;\n\n${b2}\n\n${c3}\n\nCOMMIT;\n`, baseline: "a1", versions: ["b2"] })).toEqual(["c3"]);
  expect(versionsOf({ sql: "BEGIN;\n\nCOMMIT;\n", baseline: "c3", versions: ["c3"] })).toEqual([]);
  expect(versionsOf({ sql: "", baseline: "c3", versions: ["c3"] })).toEqual([]);
});

test("what this request applied before it was interrupted is still its own to apply, with the same bytes", () => {
  expect(pendingOf({ versions: ["b2"], own: ["a1", "b2"] })).toEqual(pendingOf());
  expect(() => pendingOf({ versions: ["c3"], own: ["b2"] })).toThrow(/what this request has applied: b2/);
});

test("branches that come together are followed as Alembic's table follows them", () => {
  const e5 = `-- Running upgrade c3 -> e5\n\n${from("c3", "e5")}`;
  const d4 = `-- Running upgrade c3 -> d4\n\nALTER TABLE users ADD COLUMN d int;\n\n${added("d4")}`;
  const f6 = `-- Running upgrade d4, e5 -> f6\n\nDELETE FROM alembic_version WHERE alembic_version.version_num = 'd4';\n\n${from("e5", "f6")}`;
  const sql = `BEGIN;\n\n${e5}\n\n${d4}\n\n${f6}\n\nCOMMIT;\n`;
  const merged = { sql, baseline: "c3" };
  expect(versionsOf({ ...merged, versions: ["c3"] })).toEqual(["e5", "d4", "f6"]);
  expect(versionsOf({ ...merged, versions: ["d4", "e5"] })).toEqual(["f6"]);
  const [last] = pendingOf({ ...merged, versions: ["d4", "e5"] });
  expect(last === undefined ? null : judgeMigration(last)).toMatchObject({
    mode: "transaction",
    statements: [],
    bookkeeping: { length: 2 },
  });
  // Only the other branch was applied: Alembic would go another way than the one it wrote down.
  expect(() => pendingOf({ ...merged, versions: ["d4"] })).toThrow(/found the database at d4; allowed: one of: c3, e5, e5 with d4, f6/);
});

test("a finding may be let pass in the text that Alembic is given, which ends it with a semicolon", () => {
  const sql = whole.replace(
    "ALTER TABLE users ADD COLUMN mail TEXT;",
    "-- holdfast:allow drop-column it was never filled by anybody;\n\nALTER TABLE users DROP COLUMN old;",
  );
  const [, second] = pendingOf({ sql }).map(judgeMigration);
  expect(second?.statements[0]?.findings).toMatchObject([{ id: "drop-column", allowedBecause: "it was never filled by anybody" }]);
});

test.each([
  "SELECT setval('users_id_seq', (SELECT max(id) FROM users))",
  "SELECT enable_versioning(name) FROM tables",
  "WITH gone AS (DELETE FROM users WHERE id = 1 RETURNING id) SELECT count(*) FROM gone",
])("%s is called for what it does", (statement) => {
  expect(versionsOf({ sql: whole.replace("ALTER TABLE users ADD COLUMN mail TEXT", statement) })).toEqual(["a1", "b2", "c3"]);
});

describe("it is refused, with what was found and what is allowed,", () => {
  test.each<[string, Partial<AlembicHistory>, RegExp]>([
    [
      "when the database is at a revision that nobody knows",
      { versions: ["zz"] },
      /found the database at zz; allowed: one of: no revision, a1, b2, c3/,
    ],
    [
      "when there is a baseline and no table",
      { baseline: "a1", sql: `BEGIN;\n${b2}\nCOMMIT;` },
      /the baseline a1, but no table alembic_version/,
    ],
    [
      "when the table lacks what Holdfast has applied",
      { versions: ["a1"], applied: [{ version: "b2", digest: "", state: "applied" }] },
      /b2_x.py: found applied by Holdfast, but not known to alembic_version/,
    ],
    ["when a revision has no file", { files: files.slice(1) }, /found the revision a1; allowed: revisions of the folder/],
    ["when two files claim a revision", { files: [...files, { name: "copy.py", text: "revision = 'a1'" }] }, /found the revision a1/],
    ["when it notes nothing in the table", { sql: whole.replace(from("a1", "b2"), "") }, /no note of b2 for the table alembic_version/],
    ["when it notes it in another table", { table: "elsewhere" }, /before the first revision; allowed: the table elsewhere/],
    ["when a note does not follow from the one before", { sql: whole.replace("= 'b2'", "= 'a1'") }, /c3_x.py.*a database at b2/],
    ["when a note does more", { sql: whole.replace(from("a1", "b2"), from("a1", "b2").replace(";", " OR true;")) }, /no note of b2/],
    [
      "when a revision has no statement at all",
      { sql: whole.replace("-- Running upgrade b2", "-- Running upgrade b1 -> zz\n\n-- Running upgrade b2") },
      /zz without a statement/,
    ],
    [
      "when something stands before the first revision",
      { sql: `DROP TABLE users;\n${whole}` },
      /"DROP TABLE users" before the first revision/,
    ],
    [
      "when Python waited for an answer",
      { sql: whole.replace(/UPDATE users[^;]*;[^;]*;/, "SELECT id, count(*) FROM users GROUP BY 1;") },
      /b2_x.py: found "SELECT id.*whose answer Python waits for/,
    ],
    ["when a placeholder is left", { sql: whole.replace("mail TEXT", "mail TEXT DEFAULT '\u0024{mail}'") }, /the placeholder/],
    ["when a mark of another tool would end it early", { sql: whole.replace(c3, `-- migrate:down\n${c3}`) }, /no mark of another tool/],
    ["when it is no SQL", { sql: `Loading configuration\n${whole}` }, /the SQL that Alembic wrote:1:1/],
  ])("%s", (_when, change, problem) => {
    expect(() => pendingOf(change)).toThrow(problem);
  });

  test("when a pending revision runs a statement on a connection, whose parameters Alembic leaves out, and not when it only asks it something", () => {
    const withText = (text: string) => files.map((each) => (each.name === "b2_x.py" ? file("b2", text) : each));
    const on =
      "def upgrade():\n    op.execute('select 1')\n    op.get_bind()\\\n        .execute(text('update users set mail = :mail'), {'mail': 'x'})\n";
    expect(() => pendingOf({ files: withText(on) })).toThrow(
      /b2_x.py:5: found a statement that is run on a connection; allowed: op.execute/,
    );
    expect(versionsOf({ files: withText(on), versions: ["b2"] })).toEqual(["c3"]);
    const asks =
      "if op.get_bind().dialect.name == 'postgresql':\n    kinds.create(op.get_bind())\n    op.execute(kinds.insert().values(name='x'))\n";
    expect(versionsOf({ files: withText(asks) })).toEqual(["a1", "b2", "c3"]);
  });

  test("when a revision ends its transaction itself, or more than one statement stands outside of it", () => {
    for (const [place, words] of [
      ["ALTER TABLE users ADD COLUMN mail TEXT;", "COMMIT;"],
      ["BEGIN;\n\nUPDATE alembic_version SET version_num='c3'", "VACUUM users;\n\nBEGIN;\n\nUPDATE alembic_version SET version_num='c3'"],
    ] as const)
      expect(() => pendingOf({ sql: whole.replace(place, words) }).map(judgeMigration)).toThrow(/transaction-control/);
  });
});

import { describe, expect, test } from "vitest";
import { cascadesElsewhere, type ForeignKeyFacts, inInsertOrder, judgeTable, type TableFacts } from "./judge-table.ts";

const TABLE: TableFacts = {
  table: "public.users",
  kind: "r",
  persistence: "p",
  inherits: false,
  columns: [{ name: "id", type: "bigint", notNull: true, generated: false, identityAlways: true, sequence: "1" }],
  key: ["id"],
  constraints: ["users_pkey PRIMARY KEY (id)"],
  foreignKeys: [],
  referredToBy: [],
  uniques: [],
  triggers: [],
  rules: [],
  rowSecurity: false,
  mayRead: true,
  mayWrite: true,
  largeObjects: false,
  file: "1",
};

const refersTo = (to: string, onDelete: ForeignKeyFacts["onDelete"] = "no action"): ForeignKeyFacts => ({
  name: "fk",
  columns: ["other_id"],
  to,
  toColumns: ["id"],
  onDelete,
});

const kinds = (before: TableFacts | null, after: TableFacts | null, live: TableFacts | null) =>
  judgeTable("users", { before, after, live }).map(({ kind }) => kind);

describe("a table", () => {
  test("that is the same in all images is rewound", () => {
    expect(kinds(TABLE, TABLE, TABLE)).toEqual([]);
  });

  test("is refused for every reason at once, so that nobody mends one and meets the next", () => {
    expect(kinds(TABLE, TABLE, { ...TABLE, key: [], rules: ["quiet"], mayWrite: false, largeObjects: true })).toEqual([
      "no-primary-key",
      "large-objects",
      "rules",
      "no-privilege",
    ]);
  });

  test("whose column, type or constraint changed in any image has drifted", () => {
    const [column] = TABLE.columns;
    const other = { ...TABLE, columns: column === undefined ? [] : [{ ...column, type: "integer" }] };
    expect(kinds(TABLE, TABLE, other)).toEqual(["schema-drift"]);
    expect(kinds(TABLE, { ...TABLE, constraints: [] }, TABLE)).toEqual(["schema-drift"]);
    expect(kinds(TABLE, TABLE, { ...TABLE, constraints: [...TABLE.constraints, "positive CHECK (id > 0)"] })).toEqual(["schema-drift"]);
  });

  test("that is gone, was made anew, or was never there", () => {
    expect(kinds(TABLE, TABLE, null)).toEqual(["dropped"]);
    expect(kinds(TABLE, null, TABLE)).toEqual(["dropped"]);
    expect(kinds(null, TABLE, TABLE)).toEqual(["missing-table"]);
    expect(judgeTable("nowhere", { before: null, after: null, live: null })).toMatchObject([{ table: "nowhere", kind: "missing-table" }]);
  });
});

describe("tables that refer to one another", () => {
  const orders = { ...TABLE, table: "public.orders", foreignKeys: [refersTo("public.users")] };
  const items = { ...TABLE, table: "public.items", foreignKeys: [refersTo("public.orders"), refersTo("public.elsewhere")] };

  test("are filled in the order of their foreign keys; a table may refer to itself and to others that are not rewound", () => {
    const users = { ...TABLE, foreignKeys: [refersTo("public.users")] };
    expect(inInsertOrder([items, orders, users])?.map(({ table }) => table)).toEqual(["public.users", "public.orders", "public.items"]);
  });

  test("in a circle have no order", () => {
    expect(inInsertOrder([{ ...TABLE, foreignKeys: [refersTo("public.orders")] }, orders])).toBeNull();
  });

  test("lose rows together where a key cascades, sets null or sets a default", () => {
    const users = {
      ...TABLE,
      referredToBy: [refersTo("public.orders", "cascade"), refersTo("public.notes", "set null"), refersTo("public.log", "restrict")],
    };
    expect(cascadesElsewhere(users, new Set(["public.users", "public.orders"]))).toEqual(["public.notes"]);
  });
});

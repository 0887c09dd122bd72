/** Whether a table can be rewound at all, decided from what the catalogs of the three images say of it; every reason that it cannot. Pure. */
import type { Refusal, RefusalKind } from "./plan.ts";

export interface ColumnFacts {
  readonly name: string;
  /** As PostgreSQL writes the type, schema included where it is not a built-in one. */
  readonly type: string;
  readonly notNull: boolean;
  readonly generated: boolean;
  /** GENERATED ALWAYS AS IDENTITY: it can be inserted, never updated. */
  readonly identityAlways: boolean;
  /** The sequence that it takes its values from, if any. */
  readonly sequence: string | null;
}

export interface ForeignKeyFacts {
  readonly name: string;
  readonly columns: readonly string[];
  /** `schema.table` and the columns referred to. */
  readonly to: string;
  readonly toColumns: readonly string[];
  readonly onDelete: "no action" | "restrict" | "cascade" | "set null" | "set default";
}

export interface UniqueFacts {
  /** Each part as SQL over the table's own columns: a name, or an expression. */
  readonly parts: readonly string[];
  /** SQL of a partial index's condition. */
  readonly where: string | null;
  /** Columns that any part or the condition reads. */
  readonly columns: readonly string[];
}

export interface TriggerFacts {
  readonly name: string;
  readonly definition: string;
}

export interface TableFacts {
  /** `schema.table`. */
  readonly table: string;
  /** pg_class.relkind and relpersistence. */
  readonly kind: string;
  readonly persistence: string;
  readonly inherits: boolean;
  readonly columns: readonly ColumnFacts[];
  readonly key: readonly string[];
  /** Constraints as PostgreSQL writes them, sorted. */
  readonly constraints: readonly string[];
  readonly foreignKeys: readonly ForeignKeyFacts[];
  /** Foreign keys of other tables, or its own, that refer to this table; `to` is then the table that has them. */
  readonly referredToBy: readonly ForeignKeyFacts[];
  readonly uniques: readonly UniqueFacts[];
  readonly triggers: readonly TriggerFacts[];
  readonly rules: readonly string[];
  /** Policies would hide rows from this role. */
  readonly rowSecurity: boolean;
  readonly mayRead: boolean;
  readonly mayWrite: boolean;
  /** It has a column of a type that may name a large object, and the database has large objects. */
  readonly largeObjects: boolean;
  /** The file it is stored in; TRUNCATE gives it a new one. */
  readonly file: string | null;
}

export interface ThreeFacts {
  readonly before: TableFacts | null;
  readonly after: TableFacts | null;
  readonly live: TableFacts | null;
}

/** `asked`: the name as it was asked for, for a table that no image has. */
export function judgeTable(asked: string, { before, after, live }: ThreeFacts): readonly Refusal[] {
  const table = (live ?? after ?? before)?.table ?? asked;
  const refuse = (kind: RefusalKind, reason: string): Refusal => ({ kind, table, reason });
  if (before === null)
    return [
      refuse(
        "missing-table",
        live === null
          ? "There is no such table in the live database, nor before the damage."
          : "It did not exist before the damage: there is nothing to bring back.",
      ),
    ];
  if (live === null) return [refuse("dropped", "It was dropped. Restore the cluster to a new one and copy the table from there.")];
  if (after === null)
    return [refuse("dropped", "It was dropped and made anew. Restore the cluster to a new one and copy the table from there.")];

  const found: Refusal[] = [];
  if (live.kind !== "r" || live.persistence !== "p" || live.inherits)
    found.push(
      refuse(
        "not-an-ordinary-table",
        "Views, foreign, unlogged, partitioned and inheriting tables cannot be rewound; rewind each partition's rows by hand from the restored image.",
      ),
    );
  if (live.key.length === 0)
    found.push(refuse("no-primary-key", "Without a primary key nobody can tell which row of the image is which row of the live table."));
  const drift = driftOf(before, after) ?? driftOf(before, live);
  if (drift !== null) found.push(refuse("schema-drift", `Its definition is not what it was before the damage: ${drift}.`));
  if (live.largeObjects)
    found.push(
      refuse(
        "large-objects",
        "It may refer to large objects, which belong to no row and are not compared. Restore them from the image by hand.",
      ),
    );
  if (live.rules.length > 0) found.push(refuse("rules", `Rewrite rules would change what is written: ${live.rules.join(", ")}.`));
  for (const [image, facts] of [
    ["before", before],
    ["after", after],
    ["live", live],
  ] as const) {
    if (facts.rowSecurity)
      found.push(
        refuse(
          "row-level-security",
          `Row-level security hides rows of it from this role (${image} image). Use a role with BYPASSRLS, or its owner.`,
        ),
      );
    if (!facts.mayRead) found.push(refuse("no-privilege", `This role may not read it (${image} image): grant SELECT on it.`));
  }
  if (!live.mayWrite)
    found.push(refuse("no-privilege", "This role may not write it in the live database: grant INSERT, UPDATE and DELETE on it."));
  return found;
}

/** The first difference that matters to a row: columns, their types, the key, or a constraint. */
function driftOf(one: TableFacts, other: TableFacts): string | null {
  const [columns, others] = [one, other].map(({ columns }) =>
    columns.map(({ name, type, notNull, generated }) => `${name} ${type}${notNull ? " not null" : ""}${generated ? " generated" : ""}`),
  );
  return firstDifference("column", columns ?? [], others ?? []) ?? firstDifference("constraint", one.constraints, other.constraints);
}

function firstDifference(what: string, one: readonly string[], other: readonly string[]): string | null {
  const gone = one.find((each) => !other.includes(each));
  if (gone !== undefined) return `the ${what} "${gone}" is not there or different`;
  const extra = other.find((each) => !one.includes(each));
  return extra === undefined ? null : `the ${what} "${extra}" is new`;
}

/**
 * Tables that lose rows whenever this one does, by ON DELETE CASCADE, SET NULL or SET DEFAULT, and are not being rewound themselves: what was
 * deleted with its rows would stay lost.
 */
export function cascadesElsewhere(live: TableFacts, rewound: ReadonlySet<string>): readonly string[] {
  const follow = live.referredToBy.filter(({ onDelete }) => onDelete !== "no action" && onDelete !== "restrict");
  return [...new Set(follow.map(({ to }) => to))].filter((table) => !rewound.has(table));
}

/** What is referred to comes first; null where tables refer to one another in a circle. */
export function inInsertOrder(tables: readonly TableFacts[]): readonly TableFacts[] | null {
  const left = new Map(tables.map((facts) => [facts.table, facts]));
  const ordered: TableFacts[] = [];
  while (left.size > 0) {
    const next = [...left.values()].find(({ table, foreignKeys }) => foreignKeys.every(({ to }) => to === table || !left.has(to)));
    if (next === undefined) return null;
    ordered.push(next);
    left.delete(next.table);
  }
  return ordered;
}

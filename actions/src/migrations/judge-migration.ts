/** One file of a plan: its statements with verdicts, how it runs, and what is never run whatever anybody approves. */
import { InvalidInput, type Problem } from "../domain/index.ts";
import { isFindingId } from "./findings.ts";
import { type JudgedStatement, lintSql } from "./lint-sql.ts";
import { child, childOf, isNode, type Json, list, type Node, names, relationName, text, unwrap, walk } from "./node.ts";
import { parseSql } from "./parser.ts";
import type { PendingMigration } from "./pending-migration.ts";
import { PLACEHOLDER } from "./read-statements.ts";

export interface PlannedStatement extends JudgedStatement {
  /** Tables that are gone or empty once it ran: their rows are counted before. */
  readonly empties: readonly string[];
  /** Tables that it names, for an estimate of what it touches. */
  readonly tables: readonly string[];
  /** Columns that are gone once it ran, by table: how many rows hold something in them is asked before. */
  readonly drops: readonly DroppedColumns[];
}

export interface DroppedColumns {
  readonly table: string;
  readonly columns: readonly string[];
}

export interface PlannedMigration extends Omit<PendingMigration, "text"> {
  /** Where this is the way back of an applied migration: the digest of what was applied. */
  readonly undoes?: string;
  /** Whether a file beside it takes it back; absent where it is one itself. */
  readonly wayBack?: boolean;
  readonly mode: "transaction" | "alone";
  readonly statements: readonly PlannedStatement[];
  /** Indexes that an `alone` statement makes or removes: what is checked once it is over. */
  readonly index: { readonly made: string | null; readonly dropped: readonly string[]; readonly table: string | null } | null;
}

/** Applying refuses these also where a file lets them pass. */
const NEVER = ["transaction-control", "leaves-database", "changes-role"];
for (const id of NEVER) if (!isFindingId(id)) throw new RangeError(`no finding is named ${id}`);

/** Throws InvalidInput that names every statement that may not run. `loadParser` must have been awaited. */
export function judgeMigration(migration: PendingMigration & { readonly undoes?: string }): PlannedMigration {
  const { text: sql, ...rest } = migration;
  const problems: Problem[] = [];
  // Nothing fills it in here, so PostgreSQL would see it as it stands.
  const placeholder = PLACEHOLDER.exec(sql)?.[0];
  if (placeholder !== undefined)
    problems.push({ path: migration.file, found: `the placeholder ${placeholder}`, allowed: "SQL as PostgreSQL reads it" });
  // A revision that only joins others has nothing to run beside what its tool notes of it.
  const empty = sql === "" && migration.bookkeeping.length > 0;
  const statements = empty ? [] : lintSql(migration.file, sql.replace(/^\ufeff/, ""));
  for (const { line, findings } of statements) {
    for (const { id, message } of findings.filter((each) => NEVER.includes(each.id)))
      problems.push({
        path: `${migration.file}:${line}`,
        found: message.replace(/\.$/, ""),
        allowed: `nothing of the kind (${id}) in a migration`,
      });
  }
  if (problems.length > 0) throw new InvalidInput("The migration", problems);
  const planned = statements.map((each) => plan(each));
  const copies = planned.flatMap(({ line, copies: is }) =>
    is ? [{ path: `${migration.file}:${line}`, found: "COPY, which moves data of a client", allowed: "INSERT" }] : [],
  );
  if (copies.length > 0) throw new InvalidInput("The migration", copies);
  const alone = planned.filter(({ alone: is }) => is !== null);
  const [first] = alone;
  if (first !== undefined && planned.length > 1) {
    const found = "a statement that PostgreSQL runs outside of transactions only, among others";
    throw new InvalidInput("The migration", [
      { path: `${migration.file}:${first.line}`, found, allowed: "it alone in a migration of its own" },
    ]);
  }
  return {
    ...rest,
    mode: first === undefined ? "transaction" : "alone",
    statements: planned.map(({ alone: _alone, copies: _copies, ...statement }) => statement),
    index: first?.alone ?? null,
  };
}

function plan(judged: JudgedStatement): PlannedStatement & { readonly alone: PlannedMigration["index"]; readonly copies: boolean } {
  const found = unwrap(child(statementOf(judged.statement), "stmt"));
  if (found === null) return { ...judged, empties: [], tables: [], drops: [], alone: null, copies: false };
  const reaches = { empties: emptied(found), tables: tablesIn(found.node), drops: droppedColumns(found) };
  return { ...judged, ...reaches, alone: aloneOf(found), copies: found.kind === "CopyStmt" };
}

function statementOf(sql: string): Node | undefined {
  const [raw] = list(parseSql(sql), "stmts");
  return isNode(raw) ? raw : undefined;
}

interface Found {
  readonly kind: string;
  readonly node: Node;
}

function emptied({ kind, node }: Found): readonly string[] {
  if (kind === "TruncateStmt") return rangeVars(list(node, "relations"));
  if (kind !== "DropStmt" || text(node, "removeType") !== "OBJECT_TABLE") return [];
  return list(node, "objects").map((each) => names(list(childOf({ each }, "each", "List"), "items")).join("."));
}

function droppedColumns({ kind, node }: Found): readonly DroppedColumns[] {
  if (kind !== "AlterTableStmt") return [];
  const columns = list(node, "cmds").flatMap((each) => {
    const alter = child(isNode(each) ? each : undefined, "AlterTableCmd");
    return text(alter, "subtype") === "AT_DropColumn" ? [text(alter, "name")] : [];
  });
  return columns.length === 0 ? [] : [{ table: relationName(child(node, "relation")), columns }];
}

function tablesIn(node: Node): readonly string[] {
  const found = new Set<string>();
  walk(node, (kind, inner) => {
    if (kind === "RangeVar") found.add(relationName(inner));
  });
  // An unwrapped `relation` is a table too.
  for (const value of [node.relation]) if (isNode(value)) found.add(relationName(value));
  found.delete("");
  return [...found];
}

function rangeVars(values: readonly Json[]): readonly string[] {
  return values.map((each) => relationName(child(isNode(each) ? each : undefined, "RangeVar")));
}

/** Null for what may run inside a transaction. */
function aloneOf({ kind, node }: Found): PlannedMigration["index"] {
  if (kind === "IndexStmt" && node.concurrent === true)
    return { made: text(node, "idxname") || null, dropped: [], table: relationName(child(node, "relation")) };
  if (kind === "DropStmt" && node.concurrent === true) {
    const dropped = list(node, "objects").map((each) => names(list(childOf({ each }, "each", "List"), "items")).join("."));
    return { made: null, dropped, table: null };
  }
  if (kind === "ReindexStmt" && hasOption(node, "params", "concurrently"))
    return { made: null, dropped: [], table: relationName(child(node, "relation")) || null };
  if (kind === "VacuumStmt" && node.is_vacuumcmd === true) return { made: null, dropped: [], table: null };
  const detaches = list(node, "cmds").some((each) => {
    const alter = child(isNode(each) ? each : undefined, "AlterTableCmd");
    return text(alter, "subtype") === "AT_DetachPartition" && childOf(alter, "def", "PartitionCmd")?.concurrent === true;
  });
  return kind === "AlterTableStmt" && detaches ? { made: null, dropped: [], table: relationName(child(node, "relation")) } : null;
}

function hasOption(node: Node, key: string, name: string): boolean {
  return list(node, key).some((each) => text(child(isNode(each) ? each : undefined, "DefElem"), "defname") === name);
}

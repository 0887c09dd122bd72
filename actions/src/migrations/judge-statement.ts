/** What one statement of a migration may do to data, to those who use it meanwhile, and to the schema: PostgreSQL's parse tree in, findings out. */
import type { FileFacts } from "./file-facts.ts";
import { functionName } from "./file-facts.ts";
import { finding } from "./findings.ts";
import { isBuiltIn, isComputing, reachesOutside } from "./functions.ts";
import { judgeAlter } from "./judge-alter.ts";
import { judgeDo, judgeFunction } from "./judge-body.ts";
import { judgeDrop } from "./judge-drop.ts";
import { judgeDelete, judgeInsert, judgeMerge, judgeTruncate, judgeUpdate } from "./judge-rows.ts";
import { child, constant, isNode, type Json, list, type Node, names, relationName, text, unwrap, walk } from "./node.ts";
import { type Finding, losesData } from "./verdict.ts";

type Judge = (node: Node, facts: FileFacts) => readonly Finding[];

/** Kinds of statement that touch neither rows nor what protects them. */
const HARMLESS = new Set(
  `CreateStmt CreateSchemaStmt CreateSeqStmt AlterSeqStmt ViewStmt CreateEnumStmt AlterEnumStmt CompositeTypeStmt CreateRangeStmt CreateDomainStmt CommentStmt
  GrantStmt GrantRoleStmt AlterDefaultPrivilegesStmt CreateExtensionStmt AlterExtensionStmt AlterExtensionContentsStmt CreateTrigStmt CreateEventTrigStmt
  AlterEventTrigStmt CreatePolicyStmt AlterPolicyStmt CreateStatsStmt AlterStatsStmt DefineStmt CreateCastStmt CreateOpClassStmt CreateOpFamilyStmt
  AlterOpFamilyStmt CreateConversionStmt CreateTransformStmt CreateAmStmt CreatePLangStmt CreateForeignTableStmt CreateForeignServerStmt CreateFdwStmt
  CreateUserMappingStmt ImportForeignSchemaStmt CreateRoleStmt AlterRoleStmt AlterRoleSetStmt AlterOwnerStmt AlterFunctionStmt AlterOperatorStmt
  AlterTypeStmt AlterObjectSchemaStmt AlterObjectDependsStmt AlterTSConfigurationStmt AlterTSDictionaryStmt AlterCollationStmt ReassignOwnedStmt
  SecLabelStmt NotifyStmt ListenStmt UnlistenStmt VariableShowStmt ConstraintsSetStmt DeallocateStmt ClosePortalStmt FetchStmt DiscardStmt CheckPointStmt
  CreatePublicationStmt AlterPublicationStmt CreateTableSpaceStmt CreatedbStmt CreateTableAsStmt SelectStmt InsertStmt PrepareStmt DeclareCursorStmt
  ReturnStmt PLAssignStmt`.split(/\s+/),
);

const BY_KIND: Readonly<Record<string, Judge>> = {
  AlterTableStmt: judgeAlter,
  DropStmt: judgeDrop,
  TruncateStmt: judgeTruncate,
  DropOwnedStmt: (node) => [
    finding(
      "drop-owned",
      list(node, "roles")
        .map((each) => text(child(isNode(each) ? each : undefined, "RoleSpec"), "rolename") || "a role")
        .join(", "),
    ),
  ],
  DropdbStmt: (node) => [finding("drop-database", text(node, "dbname"))],
  DropTableSpaceStmt: (node) => [finding("changes-server", `DROP TABLESPACE ${text(node, "tablespacename")}`)],
  DropSubscriptionStmt: (node) => [finding("changes-server", `DROP SUBSCRIPTION ${text(node, "subname")}`)],
  CreateSubscriptionStmt: (node) => [finding("leaves-database", `CREATE SUBSCRIPTION ${text(node, "subname")}`)],
  AlterSubscriptionStmt: (node) => [finding("changes-server", `ALTER SUBSCRIPTION ${text(node, "subname")}`)],
  AlterSystemStmt: () => [finding("changes-server", "ALTER SYSTEM")],
  AlterDatabaseStmt: () => [finding("changes-server", "ALTER DATABASE")],
  AlterDatabaseSetStmt: () => [finding("changes-server", "ALTER DATABASE SET")],
  LoadStmt: (node) => [finding("leaves-database", `LOAD ${text(node, "filename")}`)],
  DropRoleStmt: () => [finding("drop-helper", "a role")],
  DropUserMappingStmt: () => [finding("drop-helper", "a user mapping")],
  AlterDomainStmt: (node) =>
    text(node, "subtype") === "AD_DropConstraint" || text(node, "subtype") === "X" ? [finding("drop-constraint", text(node, "name"))] : [],
  RuleStmt: judgeRule,
  RenameStmt: judgeRename,
  IndexStmt: judgeIndex,
  VariableSetStmt: judgeSet,
  TransactionStmt: judgeTransaction,
  CopyStmt: (node) => {
    if (node.is_program === true) return [finding("leaves-database", "COPY … PROGRAM")];
    return text(node, "filename") === "" ? [] : [finding("leaves-database", "COPY with a file of the server")];
  },
  LockStmt: (node) => [finding("exclusive-lock", tablesOf(node))],
  VacuumStmt: judgeVacuum,
  RepackStmt: (node) => [finding("rewrite-table", relationName(child(node, "relation")) || "tables")],
  ClusterStmt: (node) => [finding("rewrite-table", relationName(child(node, "relation")) || "tables")],
  ReindexStmt: (node) => [finding("exclusive-lock", relationName(child(node, "relation")) || text(node, "name") || "the database")],
  RefreshMatViewStmt: (node) => (node.concurrent === true ? [] : [finding("exclusive-lock", relationName(child(node, "relation")))]),
  ExecuteStmt: (node) => [finding("dynamic-sql", `EXECUTE ${text(node, "name")}`)],
  CallStmt: (node, facts) => judgeCalls({ FuncCall: node.funccall ?? null }, facts),
  DoStmt: (node, facts) => [...judgeDo(node, (tree) => judgeTree(tree, facts))],
  CreateFunctionStmt: judgeNewFunction,
  UpdateStmt: () => [],
  DeleteStmt: () => [],
  MergeStmt: () => [],
  ExplainStmt: () => [],
};

const ROWS: Readonly<Record<string, Judge>> = {
  DeleteStmt: judgeDelete,
  UpdateStmt: judgeUpdate,
  InsertStmt: judgeInsert,
  MergeStmt: judgeMerge,
};

/** Statements that only run later, or not at all: what stands inside them is judged where it says how. */
const CLOSED = new Set(["CreateFunctionStmt", "DoStmt", "RuleStmt", "ViewStmt", "CreateTrigStmt", "CreatePolicyStmt"]);

/** Every finding of a statement, and of the statements inside it. `tree` may also hold several, as a body does. */
export function judgeTree(tree: Json, facts: FileFacts): readonly Finding[] {
  return statementsIn(tree).flatMap(({ kind, node }) => judgeOne(kind, node, facts));
}

function statementsIn(tree: Json): readonly { readonly kind: string; readonly node: Node }[] {
  if (Array.isArray(tree)) return tree.flatMap(statementsIn);
  const raw = list(isNode(tree) ? tree : undefined, "stmts");
  if (raw.length > 0) return raw.flatMap((each) => statementsIn(child(isNode(each) ? each : undefined, "stmt") ?? null));
  const found = unwrap(tree);
  if (found === null) return [];
  return found.kind === "List" ? list(found.node, "items").flatMap(statementsIn) : [found];
}

function judgeOne(kind: string, node: Node, facts: FileFacts): readonly Finding[] {
  const judge = BY_KIND[kind];
  if (judge === undefined && !HARMLESS.has(kind)) return [finding("unknown-statement", kind.replace(/Stmt$/, ""))];
  const own = judge?.(node, facts) ?? [];
  if (CLOSED.has(kind) || (kind === "ExplainStmt" && !isAnalyze(node))) return own;
  return [...own, ...judgeRows(kind, node, facts), ...(kind === "SelectStmt" ? judgeCalls(node, facts) : [])];
}

/** Changes of rows at any depth: a common table expression deletes as well as a statement does. */
function judgeRows(kind: string, node: Node, facts: FileFacts): Finding[] {
  const findings: Finding[] = [];
  walk({ [kind]: node }, (each, inner) => {
    findings.push(...(ROWS[each]?.(inner, facts) ?? []));
    const called = each === "FuncCall" ? names(list(inner, "funcname")) : [];
    if (reachesOutside(called)) findings.push(finding("leaves-database", called.join(".")));
  });
  return findings;
}

/** Calls that a statement is made for. Functions in defaults, checks and values are not looked into: they compute. */
function judgeCalls(node: Node, facts: FileFacts): Finding[] {
  const findings: Finding[] = [];
  walk(node, (kind, inner) => {
    if (kind !== "FuncCall") return;
    const name = names(list(inner, "funcname"));
    const shown = name.join(".");
    // Found already, wherever it stands.
    if (reachesOutside(name)) return;
    if (name.at(-1) === "set_config") findings.push(...judgeSetting(String(constant(list(inner, "args")[0]) ?? "")));
    else if (!isBuiltIn(name) && !isComputing(name)) findings.push(...judgeCalled(shown, facts));
  });
  return findings;
}

function judgeCalled(name: string, facts: FileFacts): readonly Finding[] {
  const body = facts.bodyOf(name);
  if (body === undefined) return [finding("unknown-function", `${name}()`)];
  return facts.isInside(name) ? [] : judgeFunction(body, (tree) => judgeTree(tree, facts.within(name)));
}

/** Making a function changes nothing yet; what it will do is said now, because its calls will stand in code that nobody reviews as a migration. */
function judgeNewFunction(node: Node, facts: FileFacts): readonly Finding[] {
  const name = functionName(node);
  const later = judgeFunction(node, (tree) => judgeTree(tree, facts.within(name)));
  const destroying = later.filter(({ id, verdict }) => verdict === "destroys-data" || DESTROYING.has(id));
  if (destroying.length > 0) return [finding("body-destroys-data", `the function ${name} (${destroying.map(({ id }) => id).join(", ")})`)];
  const unknown = later.filter(({ id }) => id === "dynamic-sql" || id === "unreadable-body");
  if (unknown.length > 0) return unknown;
  return later.some(({ verdict }) => losesData(verdict)) ? [finding("body-changes-data", `the function ${name}`)] : [];
}

// Findings of a filtered UPDATE or an upsert are what most functions are for; these are not.
const DESTROYING = new Set([
  "delete-some",
  "merge-delete",
  "drop-cascade",
  "drop-sequence",
  "leaves-database",
  "disable-trigger",
  "skip-triggers",
]);

function judgeRule(node: Node, facts: FileFacts): Finding[] {
  const inner = list(node, "actions").flatMap((each) => [...judgeTree(each, facts)]);
  const loses = node.instead === true || inner.some(({ verdict }) => losesData(verdict));
  return loses ? [finding("body-destroys-data", `the rule ${text(node, "rulename")}, which changes what other statements do`)] : [];
}

function judgeRename(node: Node, facts: FileFacts): Finding[] {
  const kind = text(node, "renameType");
  const table = relationName(child(node, "relation"));
  if (facts.isNewTable(table)) return [];
  if (kind === "OBJECT_TABLE") return [finding("rename", table)];
  if (kind === "OBJECT_COLUMN") return [finding("rename", `${table}.${text(node, "subname")}`)];
  return kind === "OBJECT_SCHEMA" ? [finding("rename", text(node, "subname"))] : [];
}

function judgeIndex(node: Node, facts: FileFacts): Finding[] {
  if (node.concurrent === true || facts.isNewTable(relationName(child(node, "relation")))) return [];
  return [finding("blocking-index", text(node, "idxname") || `on ${relationName(child(node, "relation"))}`)];
}

function judgeSet(node: Node): readonly Finding[] {
  return judgeSetting(text(node, "name"), String(constant(list(node, "args")[0]) ?? ""));
}

function judgeSetting(name: string, value = ""): readonly Finding[] {
  if (name === "role" || name === "session_authorization")
    return [finding("changes-role", name === "role" ? "SET ROLE" : "SET SESSION AUTHORIZATION")];
  if (name === "session_replication_role" && !/^(origin|default)$/i.test(value)) return [finding("skip-triggers")];
  return [];
}

function judgeTransaction(node: Node): Finding[] {
  const kind = text(node, "kind").replace("TRANS_STMT_", "").replaceAll("_", " ");
  return [finding("transaction-control", kind)];
}

function judgeVacuum(node: Node): Finding[] {
  const full = list(node, "options").some((each) => text(child(isNode(each) ? each : undefined, "DefElem"), "defname") === "full");
  return full ? [finding("rewrite-table", "tables")] : [];
}

function isAnalyze(node: Node): boolean {
  return list(node, "options").some((each) => text(child(isNode(each) ? each : undefined, "DefElem"), "defname") === "analyze");
}

function tablesOf(node: Node): string {
  return list(node, "relations")
    .map((each) => relationName(child(isNode(each) ? each : undefined, "RangeVar")))
    .join(", ");
}

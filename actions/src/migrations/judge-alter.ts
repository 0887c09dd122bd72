/** ALTER TABLE and its like: each command of it is judged by itself. */
import type { FileFacts } from "./file-facts.ts";
import { type FindingId, finding } from "./findings.ts";
import { isBuiltIn, isVolatile } from "./functions.ts";
import { child, childOf, isNode, type Json, list, type Node, names, relationName, text, unwrap, walk } from "./node.ts";
import type { Finding } from "./verdict.ts";

export function judgeAlter(node: Node, facts: FileFacts): Finding[] {
  const table = relationName(child(node, "relation"));
  if (facts.isNewTable(table)) return [];
  const kind = text(node, "objtype");
  return list(node, "cmds").flatMap((each) => {
    const command = child(isNode(each) ? each : undefined, "AlterTableCmd");
    return command === undefined ? [] : judgeCommand(table, kind, command, facts);
  });
}

/** Commands whose subtype alone decides. */
const PLAIN: Readonly<Record<string, FindingId>> = {
  AT_DisableTrig: "disable-trigger",
  AT_DisableTrigAll: "disable-trigger",
  AT_DisableTrigUser: "disable-trigger",
  AT_EnableReplicaTrig: "disable-trigger",
  AT_DisableRule: "disable-trigger",
  AT_EnableReplicaRule: "disable-trigger",
  AT_DisableRowSecurity: "drop-rls",
  AT_NoForceRowSecurity: "drop-rls",
  AT_DetachPartition: "detach-partition",
  AT_SetUnLogged: "set-unlogged",
  AT_SetLogged: "rewrite-table",
  AT_SetTableSpace: "rewrite-table",
  AT_SetAccessMethod: "rewrite-table",
  AT_SetExpression: "rewrite-table",
  AT_AttachPartition: "exclusive-lock",
};

/** Commands that touch neither rows nor what protects them, and hold their lock for a moment only. */
const HARMLESS = new Set(
  `AT_ColumnDefault AT_CookedColumnDefault AT_DropNotNull AT_DropExpression AT_SetStatistics AT_SetOptions AT_ResetOptions AT_SetStorage AT_SetCompression
  AT_AlterConstraint AT_ValidateConstraint AT_ChangeOwner AT_ClusterOn AT_DropCluster AT_SetRelOptions AT_ResetRelOptions AT_ReplaceRelOptions
  AT_EnableTrig AT_EnableAlwaysTrig AT_EnableTrigAll AT_EnableTrigUser AT_EnableRule AT_EnableAlwaysRule AT_AddInherit AT_DropInherit AT_AddOf AT_DropOf
  AT_ReplicaIdentity AT_EnableRowSecurity AT_ForceRowSecurity AT_GenericOptions AT_AddIdentity AT_SetIdentity AT_DropIdentity AT_DropOids
  AT_AlterColumnGenericOptions AT_DetachPartitionFinalize`.split(/\s+/),
);

function judgeCommand(table: string, kind: string, command: Node, facts: FileFacts): Finding[] {
  const subtype = text(command, "subtype");
  const column = `${table}.${text(command, "name")}`;
  const plain = PLAIN[subtype];
  if (plain !== undefined) return [finding(plain, table)];
  if (HARMLESS.has(subtype)) return [];
  if (subtype === "AT_AddColumn") return judgeNewColumn(table, childOf(command, "def", "ColumnDef"));
  if (subtype === "AT_DropColumn") return facts.isNewColumn(table, text(command, "name")) ? [] : [finding("drop-column", column)];
  if (subtype === "AT_AlterColumnType") return [judgeType(column, kind, childOf(command, "def", "ColumnDef"))];
  if (subtype === "AT_SetNotNull") return [finding("not-null", column)];
  if (subtype === "AT_AddConstraint") return judgeConstraint(table, childOf(command, "def", "Constraint"));
  if (subtype === "AT_DropConstraint")
    return facts.isMadeAgain(text(command, "name")) ? [finding("exclusive-lock", table)] : [finding("drop-constraint", column)];
  return [finding("unknown-statement", `ALTER TABLE, ${subtype}`)];
}

function judgeNewColumn(table: string, definition: Node | undefined): Finding[] {
  const column = `${table}.${text(definition, "colname")}`;
  const constraints = list(definition, "constraints").flatMap((each): Node[] => {
    const constraint = child(isNode(each) ? each : undefined, "Constraint");
    return constraint === undefined ? [] : [constraint];
  });
  const has = (type: string): Node | undefined => constraints.find((each) => text(each, "contype") === type);
  const value = has("CONSTR_DEFAULT")?.raw_expr;
  const numbered = /^(small|big)?serial[248]?$/.test(names(list(child(definition, "typeName"), "names")).at(-1) ?? "");
  if (numbered || has("CONSTR_IDENTITY") || text(has("CONSTR_GENERATED"), "generated_kind") === "s" || differsByRow(value)) {
    return [finding("rewriting-default", column)];
  }
  return [
    ...(has("CONSTR_NOTNULL") && value === undefined && !has("CONSTR_GENERATED") ? [finding("required-column", column)] : []),
    ...(has("CONSTR_PRIMARY") || has("CONSTR_UNIQUE") ? [finding("unique-constraint", column)] : []),
  ];
}

function differsByRow(value: Json | undefined): boolean {
  let differs = false;
  walk(value, (kind, node) => {
    const name = kind === "FuncCall" ? names(list(node, "funcname")) : [];
    differs ||= name.length > 0 && (isVolatile(name) || !isBuiltIn(name));
  });
  return differs;
}

// PostgreSQL converts into these without complaint where a value holds more: it rounds, cuts the time of day, or reads text.
const NARROW = new Set(["int2", "int4", "float4", "date", "time", "timetz", "bool", "bit", "money", "xml", "name", "char"]);

function judgeType(column: string, kind: string, definition: Node | undefined): Finding {
  const type = child(definition, "typeName");
  const name = names(list(type, "names")).at(-1) ?? "";
  const sized = list(type, "typmods").length > 0;
  const using = definition?.raw_default;
  // An explicit cast to a sized text cuts silently; the conversion without USING refuses.
  const cut = (name === "varchar" || name === "bpchar") && sized && using !== undefined;
  const narrow = NARROW.has(name) || cut || (sized && ["numeric", "timestamp", "timestamptz", "interval"].includes(name));
  if (kind === "OBJECT_TYPE") return finding("narrow-type", column);
  return finding(narrow || (using !== undefined && !isPlainCast(using)) ? "narrow-type" : "change-type", column);
}

function isPlainCast(value: Json): boolean {
  const found = unwrap(value);
  if (found?.kind === "ColumnRef") return true;
  return found?.kind === "TypeCast" && found.node.arg !== undefined && isPlainCast(found.node.arg);
}

function judgeConstraint(table: string, constraint: Node | undefined): Finding[] {
  const type = text(constraint, "contype");
  const name = text(constraint, "conname") === "" ? table : `${table}.${text(constraint, "conname")}`;
  if (type === "CONSTR_PRIMARY" || type === "CONSTR_UNIQUE" || type === "CONSTR_EXCLUSION") {
    return text(constraint, "indexname") === "" ? [finding("unique-constraint", name)] : [];
  }
  return constraint?.skip_validation === true ? [] : [finding("validating-constraint", name)];
}

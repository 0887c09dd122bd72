/** DROP of anything. What holds rows is lost with them; what only serves them is missed by whoever used it. */
import type { FileFacts } from "./file-facts.ts";
import { type FindingId, finding } from "./findings.ts";
import { child, isNode, type Json, list, type Node, names, text } from "./node.ts";
import type { Finding } from "./verdict.ts";

const BY_KIND: Readonly<Record<string, FindingId>> = {
  OBJECT_TABLE: "drop-table",
  OBJECT_SCHEMA: "drop-schema",
  OBJECT_SEQUENCE: "drop-sequence",
  OBJECT_TRIGGER: "drop-trigger",
  OBJECT_RULE: "drop-trigger",
  OBJECT_EVENT_TRIGGER: "drop-trigger",
  OBJECT_POLICY: "drop-rls",
  OBJECT_INDEX: "blocking-index",
};

/** Dropped and made again under the same name, these are replaced. Tables and sequences are not: theirs is the state. */
const REPLACEABLE = new Set([
  "OBJECT_TRIGGER",
  "OBJECT_RULE",
  "OBJECT_POLICY",
  "OBJECT_INDEX",
  "OBJECT_VIEW",
  "OBJECT_FUNCTION",
  "OBJECT_PROCEDURE",
]);

export function judgeDrop(node: Node, facts: FileFacts): Finding[] {
  const kind = text(node, "removeType");
  const cascade = text(node, "behavior") === "DROP_CASCADE";
  return list(node, "objects").flatMap((each) => {
    const name = nameOf(each);
    if (kind === "OBJECT_TABLE" && facts.isNewTable(name)) return [];
    if (kind === "OBJECT_INDEX" && node.concurrent === true) return [];
    if (REPLACEABLE.has(kind) && facts.isMadeAgain(name) && !cascade) return [];
    const id = BY_KIND[kind];
    const words = `${kind.replace("OBJECT_", "").toLowerCase().replaceAll("_", " ")} ${name}`;
    const own = id === undefined ? finding(cascade ? "drop-cascade" : "drop-helper", `the ${words}`) : finding(id, name);
    return own.id !== "drop-schema" || cascade
      ? [own]
      : [finding("drop-helper", `the schema ${name}, which PostgreSQL refuses unless it is empty`)];
  });
}

function nameOf(value: Json): string {
  const node = isNode(value) ? value : undefined;
  const plain = names([value]);
  if (plain.length > 0) return plain.join(".");
  const parts = child(node, "List") ?? child(node, "TypeName") ?? child(node, "ObjectWithArgs");
  return names([...list(parts, "items"), ...list(parts, "names"), ...list(parts, "objname")]).join(".");
}

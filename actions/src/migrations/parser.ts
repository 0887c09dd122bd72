/** PostgreSQL's own parser, compiled to WebAssembly. Await `loadParser` once before anything here is asked to read. */
import { loadModule, parsePlPgSQLSync, parseSync, SqlError } from "libpg-query";
import type { Node } from "./node.ts";

export const loadParser: () => Promise<void> = loadModule;
export { SqlError };

// The parser's trees are parsed JSON; their published types name every field of every node, which is more than can be relied on here.
const treeOf = (parsed: unknown) => parsed as Node;

/** The tree of one or more statements; throws SqlError with the place where it is no SQL. */
export const parseSql = (sql: string): Node => treeOf(parseSync(sql));

/** The tree of a DO block or CREATE FUNCTION in PL/pgSQL; throws Error. */
export const parsePlpgsql = (sql: string): Node => treeOf(parsePlPgSQLSync(sql));

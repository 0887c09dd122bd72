import { utf8ToBytes } from "@noble/hashes/utils.js";
import { showValue } from "./problem.ts";
import { HIDDEN_CHARACTERS } from "./visible.ts";

export interface TableName {
  readonly schema: string;
  readonly name: string;
}

// PostgreSQL cuts longer names off, and would then speak of another thing.
const BYTES = 63;

/** `schema.table`, each exactly as the catalog spells it. Throws RangeError naming `option`. */
export function readTableName(option: string, text: string): TableName {
  const dot = text.indexOf(".");
  const [schema, name] = [text.slice(0, Math.max(dot, 0)), text.slice(dot + 1)];
  if (!isName(schema) || !isName(name))
    throw new RangeError(`${option} is ${showValue(text)}; allowed: schema.table as the catalog spells it, for example public.users`);
  if (schema === "pg_catalog" || schema === "information_schema" || schema === "holdfast_guard" || schema === "holdfast")
    throw new RangeError(`${option} is ${showValue(text)}; allowed: a table of an application`);
  return { schema, name };
}

// It stands in the body of a function, whose name is six bytes longer: nothing there may be read as anything but a name.
const COLUMN = /^[A-Za-z_][A-Za-z0-9_]{0,56}$/;

/** Throws RangeError naming `option`. */
export function readColumnName(option: string, text: string): string {
  if (!COLUMN.test(text))
    throw new RangeError(
      `${option} is ${showValue(text)}; allowed: a column as the catalog spells it, 1 to 57 letters, digits and underscores`,
    );
  return text;
}

function isName(text: string): boolean {
  return text !== "" && utf8ToBytes(text).length <= BYTES && text.search(HIDDEN_CHARACTERS) === -1;
}

/** Quoted always: what needs no quotes today is a keyword of tomorrow's version. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function tableSql({ schema, name }: TableName): string {
  return `${identifier(schema)}.${identifier(name)}`;
}

/** Read alike whatever standard_conforming_strings says. */
export function literal(text: string): string {
  const quoted = `'${text.replaceAll("'", "''").replaceAll("\\", "\\\\")}'`;
  return text.includes("\\") ? `E${quoted}` : quoted;
}

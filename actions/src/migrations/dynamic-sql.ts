import { constant, type Json, list, names, unwrap } from "./node.ts";

/** What can be read of a text that is put together while it runs. */
export interface DynamicText {
  /** The text with stand-ins for the parts that only come later. */
  readonly text: string;
  /** Whether only names and quoted values come later, so that what the statement does is known. */
  readonly known: boolean;
}

/** Follows constants, `||`, `format` and the functions that quote. */
export function readDynamic(expression: Json | undefined): DynamicText {
  const value = constant(expression);
  if (typeof value === "string") return { text: value, known: true };
  const found = unwrap(expression);
  if (found?.kind === "TypeCast") return readDynamic(found.node.arg);
  if (found?.kind === "A_Expr" && names(list(found.node, "name"))[0] === "||")
    return joined([readDynamic(found.node.lexpr), readDynamic(found.node.rexpr)]);
  if (found?.kind !== "FuncCall") return UNKNOWN;
  const name = names(list(found.node, "funcname")).at(-1);
  const args = list(found.node, "args");
  if (name === "format") return readFormat(args);
  if (name === "concat") return joined(args.map(readDynamic));
  if (name === "quote_ident") return NAME;
  return name === "quote_literal" || name === "quote_nullable" ? LITERAL : UNKNOWN;
}

const UNKNOWN: DynamicText = { text: " some_text ", known: false };
const NAME: DynamicText = { text: "some_name", known: true };
const LITERAL: DynamicText = { text: "'some value'", known: true };

function joined(parts: readonly DynamicText[]): DynamicText {
  return { text: parts.map((part) => part.text).join(""), known: parts.every((part) => part.known) };
}

function readFormat(args: readonly Json[]): DynamicText {
  const pattern = constant(args[0]);
  if (typeof pattern !== "string") return UNKNOWN;
  let known = true;
  const filled = pattern.replace(/%(?:(%)|(?:\d+\$)?-?\d*([ILs]))/g, (_, percent?: string, kind?: string) => {
    if (percent !== undefined) return "%";
    if (kind === "L") return LITERAL.text;
    // %s puts in whatever text it is given; as a name it is read, as a statement it is not known.
    if (kind === "s") known = false;
    return NAME.text;
  });
  return { text: filled, known };
}

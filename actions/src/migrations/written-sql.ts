/** SQL that a migration tool wrote, taken apart into the steps that it announces in comments. */
import { InvalidInput, showValue } from "../domain/index.ts";
import { DOWN_PART, PLACEHOLDER, readStatements, type Statement } from "./read-statements.ts";

export interface Step {
  /** As the tool announced it. */
  readonly announced: string;
  readonly statements: readonly Statement[];
}

/** Ends the reading of what `tool` wrote. */
export function written(tool: string, found: string, allowed: string): InvalidInput {
  return new InvalidInput(`The SQL that ${tool} wrote`, [{ path: "", found, allowed }]);
}

/** `announcement` finds, all over a text and line by line, what a step is called. Throws InvalidInput where what it wrote would not run as it stands. */
export function readSteps(
  tool: string,
  sql: string,
  announcement: RegExp,
): { readonly before: readonly Statement[]; readonly steps: readonly Step[] } {
  const placeholder = PLACEHOLDER.exec(sql)?.[0];
  if (placeholder !== undefined) throw written(tool, `the placeholder ${placeholder}`, "SQL as PostgreSQL reads it");
  const down = DOWN_PART.exec(sql)?.[0];
  if (down !== undefined) throw written(tool, showValue(down), "no mark of another tool");
  const before: Statement[] = [];
  const steps: { announced: string; statements: Statement[] }[] = [];
  const statements = /^(?:\s|--.*)*$/.test(sql) ? [] : readStatements(`the SQL that ${tool} wrote`, sql);
  for (const statement of statements) {
    const found = [...statement.comments.matchAll(announcement)].map(([, announced = ""]) => announced);
    if (found.length > 1) throw written(tool, `${found[0]} without a statement`, "what the tool's own table is to hold after each");
    for (const announced of found) steps.push({ announced, statements: [] });
    (steps.at(-1)?.statements ?? before).push(statement);
  }
  return { before, steps };
}

/** The statements as the text of a migration, without the tool's own comments. */
export function textOf(statements: readonly Statement[]): string {
  return statements.map(({ comments, text }) => `${allowances(comments)}${text};`).join("\n\n");
}

/** Tools end each text that they are given with a semicolon, also a comment. */
function allowances(comments: string): string {
  const kept = comments.match(/^--\s*holdfast:allow .*$/gm) ?? [];
  return kept.map((line) => `${line.replace(/;\s*$/, "")}\n`).join("");
}

/** A table's name as a tool may write it, with quotes or without, as part of a pattern. */
export function tablePattern(table: string): string {
  return table
    .split(".")
    .map((part) => `"?${part.replace(/\$/g, "\\$")}"?`)
    .join("\\.");
}

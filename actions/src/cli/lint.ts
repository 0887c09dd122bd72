import { readFileSync, statSync } from "node:fs";
import { parseArgs } from "node:util";
import { InvalidInput, showValue, VERDICTS, type VerdictWord } from "../domain/index.ts";
import { type JudgedStatement, lintSql } from "../migrations/lint-sql.ts";
import { loadParser } from "../migrations/parser.ts";

const USAGE = "usage: holdfast lint FILE… [--json] [--fail-on VERDICT]";
const EXIT_FAILED = 1;
const EXIT_REFUSED = 3;
// A file is read whole; the judge has a lower limit of its own for text.
const BYTES_LIMIT = 64 * 1024 * 1024;

/**
 * Prints what every statement of SQL files may do to data; no database is asked. Exit 0 whatever was found, unless `--fail-on` names a verdict:
 * then 3 when a statement has it or a worse one. Exit 1 when a file cannot be judged; the others are judged all the same.
 */
export async function lint(args: string[]): Promise<number> {
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    options: { json: { type: "boolean", default: false }, "fail-on": { type: "string" } },
  });
  if (positionals.length === 0) throw new RangeError(`expected at least one file; ${USAGE}`);
  const failOn = readVerdict(values["fail-on"]);
  await loadParser();
  let failed = false;
  let worst = VERDICTS.length - 1;
  for (const file of positionals) {
    try {
      for (const judged of lintSql(file, readSql(file))) {
        process.stdout.write(values.json ? `${JSON.stringify(judged)}\n` : describe(judged));
        worst = Math.min(worst, VERDICTS.indexOf(judged.verdict));
      }
    } catch (error) {
      if (!(error instanceof InvalidInput || error instanceof RangeError)) throw error;
      process.stderr.write(`holdfast lint: ${error.message}\n`);
      failed = true;
    }
  }
  if (failed) return EXIT_FAILED;
  return failOn !== null && worst <= VERDICTS.indexOf(failOn) ? EXIT_REFUSED : 0;
}

function readVerdict(text: string | undefined): VerdictWord | null {
  if (text === undefined) return null;
  const verdict = VERDICTS.find((each) => each === text);
  if (verdict === undefined) throw new RangeError(`--fail-on is ${showValue(text)}; allowed: ${VERDICTS.join(", ")}; ${USAGE}`);
  return verdict;
}

function readSql(file: string): string {
  let size: number;
  try {
    size = statSync(file).size;
    if (size <= BYTES_LIMIT) return readFileSync(file, "utf8");
  } catch (error) {
    throw new RangeError(`${file} cannot be read; FILE names a file of SQL`, { cause: error });
  }
  throw new RangeError(`${file} has ${size} bytes; at most ${BYTES_LIMIT} are judged: split it, or restore dumps by other means`);
}

const STATEMENT_WIDTH = 100;

function describe({ file, line, statement, verdict, findings }: JudgedStatement): string {
  const shown = showValue(statement.replace(/\s+/g, " ").slice(0, STATEMENT_WIDTH)).slice(1, -1);
  const lines = findings.map(({ id, message, saferWay, allowedBecause }) =>
    allowedBecause === undefined ? `    ${id}: ${message}\n      ${saferWay}\n` : `    ${id}, let pass: ${showValue(allowedBecause)}\n`,
  );
  return `${file}:${line}: ${verdict}: ${shown}\n${lines.join("")}`;
}

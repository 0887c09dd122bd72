import { parseArgs } from "node:util";
import {
  type Guards,
  installSql,
  type MassChangeLimits,
  overrideSql,
  parse,
  REMOVE_EVERYTHING,
  readColumnName,
  readCount,
  readPercent,
  readSeconds,
  readTableName,
  reason,
  removeSql,
  showValue,
} from "../domain/index.ts";
import { print } from "./print.ts";

const USAGE = `usage: holdfast guard --table SCHEMA.TABLE… [--max-rows N [--max-percent P] [--min-rows 10] [--window 60s] [--window-rows N] [--observe]] [--lost-updates --version-column NAME]
       holdfast guard --override --table SCHEMA.TABLE --rows N --for 15m --reason TEXT
       holdfast guard --remove --table SCHEMA.TABLE… [--lost-updates]
       holdfast guard --remove --everything`;

const OPTIONS = {
  table: { type: "string", multiple: true },
  "max-rows": { type: "string" },
  "max-percent": { type: "string" },
  "min-rows": { type: "string" },
  window: { type: "string" },
  "window-rows": { type: "string" },
  observe: { type: "boolean" },
  "lost-updates": { type: "boolean" },
  "version-column": { type: "string" },
  override: { type: "boolean" },
  rows: { type: "string" },
  for: { type: "string" },
  reason: { type: "string" },
  remove: { type: "boolean" },
  everything: { type: "boolean" },
} as const;

type Given = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>["values"];
type Option = keyof typeof OPTIONS;

const MASS: readonly Option[] = ["max-rows", "max-percent", "min-rows", "window", "window-rows", "observe"];
const LOST: readonly Option[] = ["lost-updates", "version-column"];

/** Prints the migration that installs, overrides or removes guards; asks and changes no database. Throws InvalidInput or RangeError. */
export async function guard(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: OPTIONS });
  await print(sqlFor(values));
  return 0;
}

function sqlFor(given: Given): string {
  if (given.override === true) {
    allowOnly(given, "--override", ["override", "table", "rows", "for", "reason"]);
    return overrideSql({
      table: readTableName("--table", only("--table", given.table)),
      rows: readCount("--rows", needed("--rows", given.rows)),
      seconds: readSeconds("--for", needed("--for", given.for)),
      reason: parse(reason, needed("--reason", given.reason), "--reason"),
    });
  }
  if (given.remove === true) {
    if (given.everything === true) {
      allowOnly(given, "--remove --everything", ["remove", "everything"]);
      return REMOVE_EVERYTHING;
    }
    allowOnly(given, "--remove", ["remove", "table", "lost-updates"]);
    return removeSql(tables(given), given["lost-updates"] === true ? "lost-updates" : "all");
  }
  allowOnly(given, "installing guards", ["table", ...MASS, ...LOST]);
  return installSql(guardsOf(given));
}

function guardsOf(given: Given): Guards {
  const mass = MASS.some((option) => given[option] !== undefined);
  const lost = LOST.some((option) => given[option] !== undefined);
  if (!mass && !lost) throw new RangeError(`--max-rows or --lost-updates is needed: which guard?\n${USAGE}`);
  if (lost && given["lost-updates"] !== true)
    throw new RangeError(`--version-column is ${showValue(given["version-column"])}; it is for --lost-updates alone\n${USAGE}`);
  return {
    tables: tables(given),
    limits: mass ? limitsOf(given) : null,
    versionColumn: lost ? readColumnName("--version-column", needed("--version-column", given["version-column"])) : null,
  };
}

function limitsOf(given: Given): MassChangeLimits {
  const rows = readCount("--max-rows", needed("--max-rows", given["max-rows"]));
  const windowRows = given["window-rows"] === undefined ? rows : readCount("--window-rows", given["window-rows"]);
  const percent = given["max-percent"] === undefined ? null : readPercent("--max-percent", given["max-percent"]);
  if (percent === null && given["min-rows"] !== undefined)
    throw new RangeError(`--min-rows is ${showValue(given["min-rows"])}; it is for --max-percent alone\n${USAGE}`);
  return {
    rows,
    windowRows,
    windowSeconds: readSeconds("--window", given.window ?? "60s"),
    percent,
    leastRows: given["min-rows"] === undefined ? 10 : readCount("--min-rows", given["min-rows"]),
    observe: given.observe === true,
  };
}

function tables(given: Given) {
  const names = given.table ?? [];
  if (names.length === 0) throw new RangeError(`--table is missing; allowed: one or more, each as schema.table\n${USAGE}`);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new RangeError(`--table is ${showValue(twice)} twice; allowed: each table once`);
  return names.map((name) => readTableName("--table", name));
}

function only(option: string, given: readonly string[] | undefined): string {
  const [first, second] = given ?? [];
  if (first === undefined || second !== undefined)
    throw new RangeError(`${option} is given ${given?.length ?? 0} times; allowed: once\n${USAGE}`);
  return first;
}

function needed(option: string, text: string | undefined): string {
  if (text === undefined) throw new RangeError(`${option} is missing\n${USAGE}`);
  return text;
}

function allowOnly(given: Given, what: string, allowed: readonly Option[]): void {
  const strange = Object.keys(given).find((option) => !allowed.some((each) => each === option));
  if (strange !== undefined)
    throw new RangeError(`--${strange} does not belong to ${what}; allowed: ${allowed.map((each) => `--${each}`).join(", ")}\n${USAGE}`);
}

/** The guard form's own decisions: the very migration that is shown and copied, or what it still lacks. Nothing of it is sent anywhere. */
import {
  type Entry,
  InvalidInput,
  installSql,
  type MassChangeLimits,
  overrideSql,
  parse,
  readColumnName,
  readCount,
  readPercent,
  readSeconds,
  readTableName,
  reason,
  removeSql,
  type TableName,
} from "@holdfast/actions/domain";
import type { Deployment } from "../config/deployment.ts";
import type { CheckedDraft, Problems } from "./checked-draft.ts";
import { siteOf } from "./site-of.ts";

export const GUARD_KINDS = ["mass-changes", "lost-updates", "override", "removal"] as const;
export type GuardKind = (typeof GUARD_KINDS)[number];

/** As it stands in the fields. */
export interface GuardDraft {
  readonly kind: GuardKind;
  /** Of the migration's file. */
  readonly number: string;
  readonly table: string;
  readonly rows: string;
  readonly window: string;
  /** Empty: as many as `rows`. */
  readonly windowRows: string;
  /** Empty: no such limit. */
  readonly percent: string;
  readonly mode: "observe" | "refuse";
  readonly column: string;
  readonly length: string;
  readonly reason: string;
}

type GuardField = Exclude<keyof GuardDraft, "kind" | "mode">;
export type GuardProblems = Problems<GuardField>;

const LEAST_ROWS = 10;
const NAMES: Readonly<Record<GuardKind, string>> = {
  "mass-changes": "guard",
  "lost-updates": "versions",
  override: "override",
  removal: "unguard",
};

export function checkGuard(draft: GuardDraft): CheckedDraft<{ readonly sql: string; readonly file: string }, GuardField> {
  const problems: Partial<Record<GuardField, string>> = {};
  const read = <T>(field: GuardField, reader: (name: string, text: string) => T): T | null => {
    try {
      return reader(LABELS[field], draft[field].trim());
    } catch (error) {
      if (!(error instanceof RangeError || error instanceof InvalidInput)) throw error;
      problems[field] = draft[field].trim() === "" ? `${LABELS[field]} is missing.` : `${error.message}.`;
      return null;
    }
  };
  const number = read("number", readNumber);
  const table = read("table", readTableName);
  const write = writerOf(draft, read);
  if (write === null || table === null || number === null || Object.keys(problems).length > 0) return { ok: false, problems };
  return {
    ok: true,
    sql: write(table),
    file: `${number}_${NAMES[draft.kind]}_${table.name.toLowerCase().replace(/[^a-z0-9]+/g, "_")}.sql`,
  };
}

/** As the form calls its fields. */
export const LABELS: Readonly<Record<GuardField, string>> = {
  number: "Number of the migration",
  table: "Table",
  rows: "Rows",
  window: "Within",
  windowRows: "Rows in that time (optional)",
  percent: "Percent of the table (optional)",
  column: "Version column",
  length: "For",
  reason: "Reason",
};

type Read = <T>(field: GuardField, reader: (name: string, text: string) => T) => T | null;

/** Reads every field of the kind, so that all that is wrong is said at once; null where something is. */
function writerOf(draft: GuardDraft, read: Read): ((table: TableName) => string) | null {
  switch (draft.kind) {
    case "mass-changes": {
      const limits = limitsOf(draft, read);
      return limits === null ? null : (table) => installSql({ tables: [table], limits, versionColumn: null });
    }
    case "lost-updates": {
      const versionColumn = read("column", readColumnName);
      return versionColumn === null ? null : (table) => installSql({ tables: [table], limits: null, versionColumn });
    }
    case "override": {
      const [rows, seconds, why] = [read("rows", readCount), read("length", readSeconds), read("reason", readReason)];
      return rows === null || seconds === null || why === null ? null : (table) => overrideSql({ table, rows, seconds, reason: why });
    }
    case "removal":
      return (table) => removeSql([table], "all");
  }
}

function limitsOf(draft: GuardDraft, read: Read): MassChangeLimits | null {
  const [rows, windowSeconds] = [read("rows", readCount), read("window", readSeconds)];
  const windowRows = draft.windowRows.trim() === "" ? rows : read("windowRows", readCount);
  const percent = draft.percent.trim() === "" ? null : read("percent", readPercent);
  if (rows === null || windowSeconds === null || windowRows === null) return null;
  return { rows, windowRows, windowSeconds, percent, leastRows: LEAST_ROWS, observe: draft.mode === "observe" };
}

function readNumber(name: string, text: string): string {
  if (!/^\d{1,18}$/.test(text)) throw new RangeError(`${name} is "${text}"; allowed: digits, as in 42_guard_users.sql`);
  return text;
}

function readReason(name: string, text: string): string {
  return parse(reason, text, name);
}

/** One more than the newest that was applied through the gate; a file that is pending may have it. */
export function nextNumber(entries: readonly Entry[], cluster: string, baseline: string | undefined): string {
  const applied = entries.flatMap(({ kind, data }) => (kind === "migration.applied" && data.cluster === cluster ? [data.version] : []));
  const numbers = [baseline, ...applied].flatMap((each) => (typeof each === "string" && /^\d{1,18}$/.test(each) ? [BigInt(each)] : []));
  return String(numbers.reduce((most, each) => (each > most ? each : most), 0n) + 1n);
}

/** Where GitHub begins a file of this name on `main`; null where its pages are not known. */
export function newFileLink(directory: string, file: string, { apiUrl, owner, repository }: Deployment): string | null {
  const site = siteOf(apiUrl);
  const folder = directory.split("/").map(encodeURIComponent).join("/");
  return site === null ? null : `${site}/${owner}/${repository}/new/main/${folder}?filename=${encodeURIComponent(file)}`;
}

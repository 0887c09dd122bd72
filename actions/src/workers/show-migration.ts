/** What a job summary shows of a migration: enough for whoever is asked on GitHub's own page to judge it. */
import { formatDuration, type Ran, type RecordedPlan, type RecordedStatement, shorten } from "../domain/index.ts";
import type { AppliedPlan } from "./apply-migration.ts";
import type { Fact } from "./outcome.ts";

const STATEMENT_WIDTH = 300;

export function planFacts({ digest, authors, migrations, commit, tool, undo }: RecordedPlan): readonly Fact[] {
  return [
    ...(undo === undefined ? [] : [{ name: "Taken back", value: `${undo} and what was applied after it, newest first` }]),
    { name: "Plan", value: digest },
    { name: "Commit", value: commit },
    ...(tool === undefined ? [] : [{ name: "SQL written by", value: tool }]),
    { name: "Written by", value: authors.join(", ") || "nobody" },
    ...migrations.flatMap(({ file, statements, more }) => [
      ...statements.map((statement) => ({ name: `${file}:${statement.line}, ${statement.verdict}`, value: showStatement(statement) })),
      ...(more === 0 ? [] : [{ name: file, value: `${more} more statements are not shown` }]),
    ]),
  ];
}

function showStatement({ text, findings, rows }: RecordedStatement): string {
  const said = findings.map(({ message, saferWay, allowedBecause }) =>
    allowedBecause === undefined ? `${message} ${saferWay}` : `${message} Let pass: ${allowedBecause}`,
  );
  const expected = rows === null ? [] : [`About ${rows.expected} rows (${rows.from}).`];
  return [shorten(text.replace(/\s+/g, " "), STATEMENT_WIDTH), ...said, ...expected].join(" — ");
}

export function rehearsalFacts({
  digest,
  ran,
  durationSeconds,
}: {
  readonly digest: string;
  readonly ran: readonly Ran[];
  readonly durationSeconds: number;
}): readonly Fact[] {
  return [
    { name: "To approve", value: digest },
    ...ran.flatMap(({ version, rows, changes, locks, counts, checks, durationMs }) => [
      { name: `${version}: took`, value: `${durationMs} ms` },
      { name: `${version}: rows by statement`, value: rows.map((count) => count ?? "none").join(", ") },
      ...changes.map(({ table, inserted, updated, deleted }) => ({
        name: `${version}: ${table}`,
        value: `${inserted} inserted, ${updated} updated, ${deleted} deleted`,
      })),
      ...Object.entries(counts.before).map(([table, count]) => ({
        name: `${version}: rows of ${table}`,
        value: `${count ?? "no table"} before, ${counts.after[table] ?? "no table"} after`,
      })),
      ...locks.map(({ table, mode }) => ({ name: `${version}: lock on ${table}`, value: mode })),
      ...checks.map(({ name, before, after }) => ({
        name: `${version}: ${name}`,
        value: `${before ? "held" : "did not hold"} before, ${after ? "holds" : "does not hold"} after`,
      })),
    ]),
    { name: "Restored and rehearsed in", value: formatDuration(durationSeconds * 1000) },
  ];
}

export function appliedFacts({ ran, snapshot, second, approvers }: AppliedPlan): readonly Fact[] {
  return [
    ...ran.map(({ file, durationMs }) => ({
      name: file,
      value: durationMs === 0 ? "applied by an earlier attempt" : `applied in ${durationMs} ms`,
    })),
    { name: "Approved by", value: approvers.join(", ") },
    { name: "Snapshot before", value: snapshot },
    { name: "Second before", value: second },
  ];
}

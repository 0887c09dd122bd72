import pg from "pg";

// These classes speak of names and times, never of what a row holds: connections, transaction state, rights and syntax, locks, limits, shutdown,
// and our own guards.
const HARMLESS_CLASSES = ["08", "0A", "25", "2B", "3F", "40", "42", "53", "54", "55", "57", "ZH"];

/** A database's error without any value of a row: messages of other classes may quote one, so only the names they concern are kept. */
export function describeError(error: unknown): string {
  if (!(error instanceof pg.DatabaseError)) return error instanceof Error ? error.message : String(error);
  const { code = "unknown", message, table, column, constraint } = error;
  if (HARMLESS_CLASSES.includes(code.slice(0, 2))) return `${message} (SQLSTATE ${code})`;
  const about = [
    ...(constraint === undefined ? [] : [`constraint ${constraint}`]),
    ...(table === undefined ? [] : [`table ${table}`]),
    ...(column === undefined ? [] : [`column ${column}`]),
  ];
  return `SQLSTATE ${code}${about.length === 0 ? "" : `, ${about.join(", ")}`}`;
}

const FORMS = {
  snapshot: "snapshots",
  entry: "entries",
  instance: "instances",
  alert: "alerts",
  occurrence: "occurrences",
  line: "lines",
  row: "rows",
  notice: "notices",
  "more statement": "more statements",
} as const;

/** A count with its noun: "1 snapshot", "2 snapshots". */
export function counted(count: number, noun: keyof typeof FORMS): string {
  return `${count} ${count === 1 ? noun : FORMS[noun]}`;
}

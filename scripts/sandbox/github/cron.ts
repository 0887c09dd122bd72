/** POSIX cron in UTC, as `on.schedule` has it: five fields of `*`, numbers, names, ranges, lists and steps. */

const fields = [
  { name: "minute", from: 0, to: 59, words: [] },
  { name: "hour", from: 0, to: 23, words: [] },
  { name: "day of month", from: 1, to: 31, words: [] },
  { name: "month", from: 1, to: 12, words: ["", "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"] },
  { name: "day of week", from: 0, to: 6, words: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"] },
] as const;

type Field = (typeof fields)[number];

function readField(text: string, field: Field, cron: string): ReadonlySet<number> {
  const refuse = () =>
    new Error(`cron "${cron}": ${field.name} "${text}" is not valid: ${field.from}-${field.to}, *, ranges, lists and steps`);
  const number = (part: string): number => {
    const word = field.words.findIndex((name) => name !== "" && name === part.toUpperCase());
    const value = word === -1 ? (/^\d{1,2}$/.test(part) ? Number(part) : Number.NaN) : word;
    if (!(value >= field.from && value <= field.to)) throw refuse();
    return value;
  };
  const values = new Set<number>();
  for (const part of text.split(",")) {
    const [range = "", stepText] = part.split("/");
    const step = stepText === undefined ? 1 : Number(stepText);
    if (!Number.isInteger(step) || step < 1) throw refuse();
    const [first = "", last] = range === "*" ? [String(field.from), String(field.to)] : range.split("-");
    const low = number(first);
    const high = last === undefined ? (stepText === undefined ? low : field.to) : number(last);
    if (low > high) throw refuse();
    for (let value = low; value <= high; value += step) values.add(value);
  }
  return values;
}

export function cronMatches(cron: string, at: Date): boolean {
  const parts = cron.trim().split(/\s+/);
  if (parts.length !== fields.length) throw new Error(`cron "${cron}" has ${parts.length} fields; five are allowed`);
  const [minute, hour, day, month, weekday] = fields.map((field, index) => readField(parts[index] ?? "", field, cron));
  const anyDay = parts[2]?.startsWith("*") ?? false;
  const anyWeekday = parts[4]?.startsWith("*") ?? false;
  const dayFits = day?.has(at.getUTCDate()) ?? false;
  const weekdayFits = weekday?.has(at.getUTCDay()) ?? false;
  // POSIX: when both days are restricted, either is enough.
  const daysFit = anyDay || anyWeekday ? dayFits && weekdayFits : dayFits || weekdayFits;
  return (
    (minute?.has(at.getUTCMinutes()) ?? false) &&
    (hour?.has(at.getUTCHours()) ?? false) &&
    (month?.has(at.getUTCMonth() + 1) ?? false) &&
    daysFit
  );
}

const minuteMs = 60_000;
// Longer than any laptop sleeps over a weekend; older ticks are lost, as GitHub's are.
const longestLookBack = 7 * 24 * 60;

/** Whether a minute after `since` and up to `now` was due. Several missed ones count once. */
export function cronDue(cron: string, since: Date, now: Date): boolean {
  const last = Math.floor(now.getTime() / minuteMs);
  const first = Math.max(Math.floor(since.getTime() / minuteMs) + 1, last - longestLookBack);
  for (let minute = first; minute <= last; minute += 1) if (cronMatches(cron, new Date(minute * minuteMs))) return true;
  return false;
}

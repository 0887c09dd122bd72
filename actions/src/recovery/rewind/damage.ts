/**
 * What is known of the damage that a rewind takes back: who did it, and when, in the database's clock. Pure; finding it in a live database is
 * the database room's work.
 */

/** By table name, as the caller wrote it or as `schema.table`. */
type ByTable<T> = Readonly<Record<string, T>>;

/** What an operator, an alert or a log knows beyond the time. Each hint makes fewer questions; none is needed where one bulk transaction stands out. */
export interface DamageHints {
  /** Transaction ids as PostgreSQL writes them (`%x` in a log, `xmin` of a row). */
  readonly transactions?: readonly string[];
  /** An SQL condition that a row fulfils once it is damaged. It runs read-only, may hold values, and therefore never enters a plan. */
  readonly predicates?: ByTable<string>;
  /** The columns that the damage wrote; learnt from the images where not given. */
  readonly columns?: ByTable<readonly string[]>;
  /** Whether the rows that vanished between the images were deleted by the damage. Without a word they are asked about. */
  readonly deletions?: "damage" | "good";
}

/** Where to look: the interval of the alert, already widened by the skew of clocks. */
export interface DamageSearch {
  readonly tables: readonly string[];
  readonly from: Date;
  readonly to: Date;
  readonly hints?: DamageHints;
  /** So many rows of one table changed by one commit make it a bulk one. 10 unless given, as the rules count. */
  readonly bulk?: number;
}

/** One commit inside the interval, as far as rows of the live database still tell of it. */
export interface Suspect {
  /** RFC 3339 with microseconds; null where the database does not keep commit times. */
  readonly committedAt: string | null;
  /** More than one where it used subtransactions. */
  readonly transactions: readonly string[];
  /** Rows that still carry it, by `schema.table`. */
  readonly rows: Readonly<Record<string, number>>;
}

export interface Damage {
  /** By which sign damaged rows are told from others. `interval`: by nothing but the time, so everything is asked about. */
  readonly toldBy: "transactions" | "predicate" | "interval";
  /** The damaging commits that are known. */
  readonly commits: readonly Suspect[];
  /** Whether these are all: then whatever another transaction wrote last was written by a good one. */
  readonly complete: boolean;
  /** RFC 3339 with microseconds, in the database's clock; the borders of the interval where no commit is known. */
  readonly first: string;
  readonly last: string;
}

/** What `findDamage` says: the damage, or why it cannot be told and among which commits somebody has to choose. */
export type DamageReport =
  | { readonly found: true; readonly damage: Damage; readonly notes: readonly string[] }
  | { readonly found: false; readonly problem: string; readonly suspects: readonly Suspect[] };

/**
 * The times of the two images: the last step strictly before the first bad commit, the first at or after the last. `stepMs` is how exactly
 * the service restores: a second at AWS, where a finer time may be asked for and counts as the second before it.
 */
export function imageTimes(
  { first, last }: Pick<Damage, "first" | "last">,
  stepMs = 1000,
): { readonly before: Date; readonly after: Date } {
  const step = BigInt(stepMs) * 1000n;
  const before = (microseconds(first) - 1n) / step;
  const after = (microseconds(last) + step - 1n) / step;
  return { before: new Date(Number(before) * stepMs), after: new Date(Number(after) * stepMs) };
}

/** Microseconds since the epoch of an RFC 3339 time in UTC. */
export function microseconds(time: string): bigint {
  const [, seconds, fraction = ""] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?Z$/.exec(time) ?? [];
  if (seconds === undefined) throw new RangeError(`${time} is not a UTC time such as 2026-11-20T11:03:12.123456Z`);
  return BigInt(Date.parse(`${seconds}Z`)) * 1000n + BigInt(fraction.padEnd(6, "0"));
}

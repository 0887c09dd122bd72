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
  /** The interval that was searched. */
  readonly searched: { readonly from: string; readonly to: string };
}

/** What `findDamage` says: the damage, or why it cannot be told and among which commits somebody has to choose. */
export type DamageReport =
  | { readonly found: true; readonly damage: Damage; readonly notes: readonly string[] }
  | { readonly found: false; readonly problem: string; readonly suspects: readonly Suspect[] };

/** What the live database tells: commits inside the interval, and how rows that fulfil the condition are spread. */
export interface Findings {
  /** False where track_commit_timestamp is off: then suspects have no times, and may be of any time. */
  readonly commitTimes: boolean;
  readonly suspects: readonly Suspect[];
  /** Transactions that a hint named, with their commit times, whether or not a row still carries them. */
  readonly named: readonly Suspect[];
  /** With a condition: the commits inside the interval whose rows fulfil it, counting only those; and how many such rows were written after it. */
  readonly matching: { readonly suspects: readonly Suspect[]; readonly writtenSince: number } | null;
}

const USUAL_BULK = 10;

/** Which of the suspects did it, or why that cannot be told. */
export function chooseDamage(findings: Findings, { from, to, hints = {}, bulk = USUAL_BULK }: DamageSearch): DamageReport {
  const searched = { from: exact(from), to: exact(to) };
  const told = (toldBy: Damage["toldBy"], commits: readonly Suspect[], complete: boolean): Damage => {
    const times = commits.flatMap(({ committedAt }) => (committedAt === null ? [] : [committedAt])).toSorted();
    return { toldBy, commits, complete, first: times[0] ?? searched.from, last: times.at(-1) ?? searched.to, searched };
  };
  const notes = findings.commitTimes
    ? []
    : [
        "The database does not keep commit times (track_commit_timestamp is off): the images lie at the borders of the interval, and more is asked.",
      ];

  if (hints.transactions !== undefined && hints.transactions.length > 0) {
    const absent = hints.transactions.filter((id) => !findings.named.some(({ transactions }) => transactions.includes(id)));
    if (absent.length > 0 && findings.commitTimes)
      return { found: false, problem: `The database does not know when ${absent.join(", ")} committed.`, suspects: findings.suspects };
    return { found: true, damage: told("transactions", findings.named, true), notes };
  }
  if (findings.matching !== null) return byCondition(findings.matching, told, notes, bulk);
  const large = findings.commitTimes ? findings.suspects.filter((suspect) => isBulk(suspect, bulk)) : [];
  const [only] = large;
  if (large.length === 1 && only !== undefined) return { found: true, damage: told("transactions", [only], true), notes };
  if (large.length > 1)
    return {
      found: false,
      problem: `${large.length} transactions changed ${bulk} rows or more of a table in this interval. Name those that did the damage.`,
      suspects: large,
    };
  if (hints.columns !== undefined || hints.deletions === "damage") return { found: true, damage: told("interval", [], false), notes };
  return {
    found: false,
    problem: `No transaction of this interval left ${bulk} changed rows of a table behind. Name a condition that damaged rows fulfil, the columns, or the transactions; or say that rows were deleted.`,
    suspects: findings.suspects.filter((suspect) => !findings.commitTimes && isBulk(suspect, bulk)),
  };
}

function byCondition(
  { suspects, writtenSince }: NonNullable<Findings["matching"]>,
  told: (toldBy: Damage["toldBy"], commits: readonly Suspect[], complete: boolean) => Damage,
  notes: readonly string[],
  bulk: number,
): DamageReport {
  if (suspects.length === 0 && writtenSince === 0)
    return { found: false, problem: "No row fulfils the condition, or none that was written in this interval or since.", suspects: [] };
  const damage = told("predicate", suspects, false);
  // One by one: the last of them may have been overwritten since, so only the end of the interval is certainly after it.
  const scattered = writtenSince > 0 && !suspects.some((suspect) => isBulk(suspect, bulk));
  return { found: true, damage: scattered ? { ...damage, last: damage.searched.to } : damage, notes };
}

function isBulk({ rows }: Suspect, bulk: number): boolean {
  return Object.values(rows).some((count) => count >= bulk);
}

function exact(time: Date): string {
  return time.toISOString().replace("Z", "000Z");
}

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

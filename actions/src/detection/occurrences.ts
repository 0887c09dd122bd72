/**
 * One occurrence is one event, though several lines tell it: an application and its access log, Spring's listener and the audit trail, an
 * application and its database. Shared by the readers of one app, it remembers what was told lately and by whom. Each teller tells an
 * occurrence once, so that as many are counted as the most talkative teller told.
 */
import type { FirstTold } from "./event.ts";
import type { Sighting, Teller } from "./formats/format.ts";

export interface Occurrence {
  readonly kind: string;
  readonly at: number | null;
  readonly happened: boolean;
  readonly destructive: boolean;
  readonly actor: string | null;
  readonly ip: string | null;
  readonly table: string | null;
  readonly migration: string | null;
  readonly request: string | null;
  /** The database's line that told of it first; absent where an application did, which knows who acted. */
  readonly first?: FirstTold;
  tellers: readonly Teller[];
}

export interface Occurrences {
  /**
   * Whether this is the first line that tells of it; one that only says that nothing happened is never first. Where a database told of it before
   * and this line knows that an administrator acted, what the database could say: a statement is logged before its application says whose it was.
   */
  see(sighting: Sighting, at: number | null, told?: FirstTold): boolean | FirstTold;
  /** JSON-able; `openOccurrences` goes on from it. */
  state(): readonly Occurrence[];
}

// Access lines carry whole seconds and are written when the answer is out, which a slow password hash delays.
const NEAR_MS = 3_000;
// Without the same address it must be the same moment: a proxy's address in one line, a forged one in the other.
const SAME_MOMENT_MS = 1_500;
// Lines that carry the same request or session id need no clock; ids of processes are used again.
const SAME_REQUEST_MS = 300_000;
const SLOT_MS = 3_000;
// Enough for two logs of some thousand events each that are read one after the other; about 1 MiB.
const KEPT = 4_096;

/** Which lines can tell the same thing; a pair that is not here never does. */
const TOGETHER: Readonly<Record<Teller, readonly Teller[]>> = {
  application: [
    "access",
    "listener",
    "interactive-listener",
    "audit-listener",
    "provider",
    "password-manager",
    "statement",
    "database",
    "mapping",
  ],
  access: [
    "application",
    "listener",
    "interactive-listener",
    "audit-listener",
    "provider",
    "password-manager",
    "statement",
    "database",
    "mapping",
  ],
  listener: ["application", "access", "interactive-listener", "audit-listener", "provider", "mapping"],
  "interactive-listener": ["application", "access", "listener", "audit-listener", "provider", "mapping"],
  "audit-listener": ["application", "access", "listener", "interactive-listener", "provider", "mapping"],
  provider: ["application", "access", "listener", "interactive-listener", "audit-listener", "mapping"],
  "password-manager": ["application", "access", "statement", "database", "mapping"],
  statement: ["application", "access", "password-manager", "database", "mapping", "migration-tool", "migration-history"],
  database: ["application", "access", "password-manager", "statement", "mapping", "migration-tool", "migration-history"],
  system: ["mapping"],
  "migration-tool": ["statement", "database", "migration-history", "mapping"],
  "migration-history": ["statement", "database", "migration-tool", "mapping"],
  mapping: [
    "application",
    "access",
    "listener",
    "interactive-listener",
    "audit-listener",
    "provider",
    "password-manager",
    "statement",
    "database",
    "system",
  ],
};
// A database sees the application's address and account, not the client's.
const SEES_CLIENT: ReadonlySet<Teller> = new Set([
  "application",
  "access",
  "listener",
  "interactive-listener",
  "audit-listener",
  "provider",
  "mapping",
]);

/** Where an occurrence is found among those of its kind: the number of the stretch of time it lies in, and the id of its request. */
type Key = number | string;

interface Entry {
  readonly occurrence: Occurrence;
  readonly number: number;
  readonly keys: readonly Key[];
}

/**
 * What is found under one key, apart by who has told it: in a flood thousands stand there that the same teller told, and a line of that teller
 * need not look at any of them.
 */
type Slot = Map<string, { readonly tellers: readonly Teller[]; readonly entries: Set<Entry> }>;

export function openOccurrences(state: readonly Occurrence[] = []): Occurrences {
  const recent: Entry[] = [];
  const kinds = new Map<string, Map<Key, Slot>>();
  let number = 0;

  const slotsOf = (kind: string): Map<Key, Slot> => {
    const name = matter(kind);
    const known = kinds.get(name);
    if (known !== undefined) return known;
    const slots = new Map<Key, Slot>();
    kinds.set(name, slots);
    return slots;
  };
  const place = (entry: Entry): void => {
    const { tellers, kind } = entry.occurrence;
    const slots = slotsOf(kind);
    const name = nameOf(tellers);
    for (const key of entry.keys) {
      let slot = slots.get(key);
      if (slot === undefined) {
        slot = new Map();
        slots.set(key, slot);
      }
      const group = slot.get(name);
      if (group === undefined) slot.set(name, { tellers, entries: new Set([entry]) });
      else group.entries.add(entry);
    }
  };
  const remove = (entry: Entry): void => {
    const slots = slotsOf(entry.occurrence.kind);
    const name = nameOf(entry.occurrence.tellers);
    for (const key of entry.keys) {
      const slot = slots.get(key);
      const group = slot?.get(name);
      group?.entries.delete(entry);
      if (group?.entries.size === 0) slot?.delete(name);
      if (slot?.size === 0) slots.delete(key);
    }
  };
  const remember = (occurrence: Occurrence): void => {
    const entry = { occurrence, number: number++, keys: keysOf(occurrence) };
    recent.push(entry);
    place(entry);
    if (recent.length > 2 * KEPT) for (const old of recent.splice(0, KEPT)) remove(old);
  };
  for (const occurrence of state) remember({ ...occurrence });

  return {
    see(sighting, at, told) {
      const partner = best(slotsOf(sighting.kind), sighting, at);
      if (partner !== null) {
        const first = told?.admin === true ? corrected(partner.occurrence, sighting) : null;
        remove(partner);
        partner.occurrence.tellers = [...partner.occurrence.tellers, sighting.teller];
        place(partner);
        return first ?? false;
      }
      const { kind, happened, destructive, actor, ip, table, migration, request, teller } = sighting;
      const occurrence = { kind, at, happened, destructive, actor, ip, table, migration, request, tellers: [teller] };
      remember(told === undefined || SEES_CLIENT.has(teller) ? occurrence : { ...occurrence, first: told });
      return happened;
    },
    state: () => recent.slice(-KEPT).map((entry) => entry.occurrence),
  };
}

/** What a database's line is to be replaced by; an unfiltered statement stands for itself. */
function corrected({ first, destructive, tellers, happened }: Occurrence, sighting: Sighting): FirstTold | null {
  const only = SEES_CLIENT.has(sighting.teller) && !tellers.some((teller) => SEES_CLIENT.has(teller));
  return first !== undefined && first.admin !== true && only && happened && sighting.happened && !destructive ? first : null;
}

function keysOf({ at, request }: Pick<Occurrence, "at" | "request">): Key[] {
  const time = at === null ? [] : [Math.floor(at / SLOT_MS)];
  return request === null ? time : [...time, request];
}

function nameOf(tellers: readonly Teller[]): string {
  return tellers.length === 1 ? (tellers[0] ?? "") : tellers.join();
}

/** An access line cannot tell which way an override was switched. */
function matter(kind: string): string {
  return kind.startsWith("override") ? "override" : kind;
}

/** The likest; of several that are alike, the one of the earliest slot, and there the one that was told first. */
function best(slots: ReadonlyMap<Key, Slot>, sighting: Sighting, at: number | null): Entry | null {
  let chosen: Entry | null = null;
  let highest = Number.NEGATIVE_INFINITY;
  for (const key of keysNear(sighting, at)) {
    const slot = slots.get(key);
    if (slot === undefined) continue;
    const before = highest;
    for (const { tellers, entries } of slot.values()) {
      if (!tellers.every((teller) => TOGETHER[sighting.teller].includes(teller))) continue;
      for (const entry of entries) {
        const score = likeness(entry.occurrence, sighting, at);
        if (score === null || score < highest || score === before) continue;
        if (score === highest && chosen !== null && chosen.number < entry.number) continue;
        highest = score;
        chosen = entry;
      }
    }
  }
  return chosen;
}

function keysNear({ request }: Sighting, at: number | null): readonly Key[] {
  const slot = Math.floor((at ?? 0) / SLOT_MS);
  const near = at === null ? [] : [slot - 1, slot, slot + 1];
  return request === null ? near : [...near, request];
}

/** How well a line fits an occurrence that one of its partners told; null where it cannot be the same. */
function likeness(occurrence: Occurrence, sighting: Sighting, at: number | null): number | null {
  // The unfiltered statement must reach the rule that alerts at once.
  if (sighting.destructive && !occurrence.destructive) return null;
  const apart = at === null || occurrence.at === null ? null : Math.abs(at - occurrence.at);
  if (occurrence.request !== null && sighting.request !== null && sameIds(occurrence.tellers, sighting.teller)) {
    return occurrence.request === sighting.request && (apart ?? 0) <= SAME_REQUEST_MS ? 100 - (apart ?? 0) / 1e6 : null;
  }
  if (apart === null || apart > NEAR_MS) return null;
  const clients = SEES_CLIENT.has(sighting.teller) && occurrence.tellers.every((teller) => SEES_CLIENT.has(teller));
  const address = clients ? compare(occurrence.ip, sighting.ip) : 0;
  const account = clients ? compare(occurrence.actor, sighting.actor) : 0;
  const table = compare(singular(occurrence.table), singular(sighting.table));
  if (account < 0 || (address < 0 && (apart > SAME_MOMENT_MS || table < 0)) || (!clients && table < 0)) return null;
  return 4 * address + 2 * account + 2 * table - apart / NEAR_MS;
}

/** A request's id and a database session's are different things: that they differ says nothing. */
function sameIds(tellers: readonly Teller[], teller: Teller): boolean {
  return tellers.every((each) => SEES_CLIENT.has(each) === SEES_CLIENT.has(teller));
}

function compare(one: string | null, other: string | null): number {
  return one === null || other === null ? 0 : one === other ? 1 : -1;
}

/** `orders` and `public.orders` of a path or statement are the `order` of a sentence. */
function singular(table: string | null): string | null {
  return table === null ? null : table.slice(table.lastIndexOf(".") + 1).replace(/s$/, "");
}

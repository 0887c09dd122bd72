/**
 * Silences and overrides: who hid what, why, until when, and what it came to. Each ends at its promised time even if nobody writes that down,
 * and each end has its bill, so that nothing is hidden for good.
 */
import * as z from "zod/mini";
import { type Alert, alertSchema } from "./alerts.ts";
import type { Draft, Entry } from "./ledger.ts";
import { ruleId, SEVERITIES } from "./rule-settings.ts";
import { entryId } from "./steps.ts";

/** Which alerts: every field given must equal the alert's. */
export const matcherSchema = z.object({
  rule: z.optional(ruleId),
  app: z.optional(z.string()),
  key: z.optional(z.string()),
  severity: z.optional(z.enum(SEVERITIES)),
});
export type Matcher = Readonly<z.output<typeof matcherSchema>>;
export const MATCHER_FIELDS = ["rule", "app", "key", "severity"] as const satisfies readonly (keyof Matcher)[];

const billSchema = z.object({
  alerts: z.int(),
  occurrences: z.int(),
  byRule: z.array(z.object({ rule: z.string(), alerts: z.int(), occurrences: z.int() })),
  /** The first of them; the counts are of all. */
  alertIds: z.array(z.string()),
});
/** What was hidden. */
export type Bill = Readonly<z.output<typeof billSchema>>;

export const SUPPRESSION_KINDS = ["silence", "override"] as const;
export type SuppressionKind = (typeof SUPPRESSION_KINDS)[number];

export interface Suppression {
  readonly kind: SuppressionKind;
  /** The id of the request that started it. */
  readonly id: string;
  readonly matcher: Matcher;
  readonly startedAt: string;
  /** When it ends by itself. */
  readonly until: string;
  readonly by: string;
  readonly reason: string;
  readonly incident: string | null;
  /** Overrides: which gate agreed to it, in words; null for silences. */
  readonly gate: string | null;
  /** Null while in force. `by` is null where its time ran out. */
  readonly ended: { readonly at: string; readonly by: string | null; readonly reason: string } | null;
  /** Running while in force, final afterwards. */
  readonly bill: Bill;
  readonly seq: number;
}

const startedData = z.object({ requestId: z.string(), matcher: matcherSchema, until: z.iso.datetime(), gate: z.optional(z.string()) });
const endedData = z.object({ suppression: z.string(), endedAt: z.iso.datetime(), bill: billSchema, expired: z.boolean() });

// A bill names enough to start looking; the ledger has them all.
const NAMED_ALERTS = 100;

export function matches(matcher: Matcher, alert: Pick<Alert, (typeof MATCHER_FIELDS)[number]>): boolean {
  return MATCHER_FIELDS.every((field) => matcher[field] === undefined || matcher[field] === alert[field]);
}

/** A matcher in words: `rule mass-password-reset, app web`. */
export function describeMatcher(matcher: Matcher): string {
  return MATCHER_FIELDS.flatMap((field) => (matcher[field] === undefined ? [] : [`${field} ${matcher[field]}`])).join(", ");
}

/** What hides this alert at that time, now or in the past: an override before a silence, because it is the larger decision; otherwise whichever began first. */
export function suppressionOf(
  alert: Pick<Alert, (typeof MATCHER_FIELDS)[number]>,
  suppressions: readonly Suppression[],
  at: Date,
): Suppression | null {
  const inForce = suppressions.filter((each) => isInForce(each, at) && matches(each.matcher, alert));
  return inForce.toSorted((a, b) => rank(a) - rank(b) || a.seq - b.seq)[0] ?? null;
}

export function silencesInForce(entries: readonly Entry[], now: Date): readonly Suppression[] {
  return suppressionsOf(entries, now).filter((each) => each.kind === "silence" && each.ended === null);
}

export function overridesInForce(entries: readonly Entry[], now: Date): readonly Suppression[] {
  return suppressionsOf(entries, now).filter((each) => each.kind === "override" && each.ended === null);
}

/** Every silence and override that the ledger knows, newest first. */
export function suppressionsOf(entries: readonly Entry[], now: Date): readonly Suppression[] {
  const ends = new Map(entries.flatMap((entry) => readEnd(entry) ?? []));
  const bills = billsOf(entries);
  return entries.flatMap((entry) => readStart(entry, ends, bills, now) ?? []).toSorted((a, b) => b.seq - a.seq);
}

/** The entries that say how those whose time ran out ended; the ledger takes each once. */
export function expiredDrafts(entries: readonly Entry[], { actor, run, now }: { actor: string; run: string; now: Date }): readonly Draft[] {
  const written = new Set(entries.map((entry) => entry.id));
  return suppressionsOf(entries, now)
    .filter((each) => each.ended !== null && each.ended.by === null && !written.has(entryId(each.id, "ended")))
    .map((each) => endDraft(each, { actor, run, now, reason: "Its time ran out", at: each.until, expired: true }));
}

export interface End {
  readonly actor: string;
  readonly run: string;
  readonly now: Date;
  readonly reason: string;
  /** When it ended, which for one whose time ran out is before it is written down. */
  readonly at: string;
  readonly expired: boolean;
  readonly requestId?: string;
}

export function endDraft({ kind, id, bill, incident }: Suppression, { actor, run, now, reason, at, expired, requestId }: End): Draft {
  return {
    id: entryId(id, "ended"),
    at: now.toISOString(),
    kind: `${kind}.ended`,
    actor,
    run,
    reason,
    data: {
      suppression: id,
      endedAt: at,
      expired,
      bill: { ...bill, byRule: [...bill.byRule], alertIds: [...bill.alertIds] },
      ...(requestId === undefined ? {} : { requestId }),
    },
    ...(incident === null ? {} : { incident }),
  };
}

function isInForce({ ended, startedAt, until }: Suppression, at: Date): boolean {
  return at >= new Date(startedAt) && at < new Date(ended?.at ?? until);
}

function rank({ kind }: Suppression): number {
  return kind === "override" ? 0 : 1;
}

type Ends = ReadonlyMap<string, { readonly at: string; readonly by: string | null; readonly reason: string; readonly bill: Bill }>;

function readEnd(entry: Entry): [string, Ends extends ReadonlyMap<string, infer End> ? End : never][] | null {
  if (entry.kind !== "silence.ended" && entry.kind !== "override.ended") return null;
  const data = z.safeParse(endedData, entry.data);
  if (!data.success) return null;
  const { suppression, endedAt, bill, expired } = data.data;
  return [[suppression, { at: endedAt, by: expired ? null : entry.actor, reason: entry.reason, bill }]];
}

function readStart(entry: Entry, ends: Ends, bills: ReadonlyMap<string, Bill>, now: Date): Suppression | null {
  if (entry.kind !== "silence.started" && entry.kind !== "override.started") return null;
  const data = z.safeParse(startedData, entry.data);
  if (!data.success) return null;
  const { requestId, matcher, until, gate } = data.data;
  const end = ends.get(requestId);
  const expired = now >= new Date(until) ? { at: until, by: null, reason: "Its time ran out" } : null;
  return {
    kind: entry.kind === "silence.started" ? "silence" : "override",
    id: requestId,
    matcher,
    startedAt: entry.at,
    until,
    by: entry.actor,
    reason: entry.reason,
    incident: entry.incident ?? null,
    gate: gate ?? null,
    ended: end === undefined ? expired : { at: end.at, by: end.by, reason: end.reason },
    // An alert that was still hidden when the end was written may have come to more since; the larger bill is the true one.
    bill: larger(end?.bill, bills.get(requestId) ?? NO_BILL),
    seq: entry.seq,
  };
}

const NO_BILL: Bill = { alerts: 0, occurrences: 0, byRule: [], alertIds: [] };

function larger(one: Bill | undefined, other: Bill): Bill {
  return one === undefined || other.occurrences >= one.occurrences ? other : one;
}

/** What each suppression hid, from the alerts' own word for what hid them. */
function billsOf(entries: readonly Entry[]): ReadonlyMap<string, Bill> {
  const hidden = new Map<string, Map<string, Alert>>();
  for (const entry of entries) {
    if (entry.kind !== "alert.opened" && entry.kind !== "alert.ended") continue;
    const alert = z.safeParse(alertSchema, entry.data);
    if (!alert.success || alert.data.hiddenBy === null) continue;
    const alerts = hidden.get(alert.data.hiddenBy) ?? new Map<string, Alert>();
    hidden.set(alert.data.hiddenBy, alerts.set(alert.data.id, alert.data));
  }
  return new Map([...hidden].map(([id, alerts]) => [id, billOf([...alerts.values()])]));
}

export function billOf(alerts: readonly Alert[]): Bill {
  const rules = [...new Set(alerts.map((alert) => alert.rule))].sort();
  const count = (list: readonly Alert[]) => ({ alerts: list.length, occurrences: list.reduce((sum, each) => sum + each.count, 0) });
  return {
    ...count(alerts),
    byRule: rules.map((rule) => ({ rule, ...count(alerts.filter((alert) => alert.rule === rule)) })),
    alertIds: alerts.slice(0, NAMED_ALERTS).map((alert) => alert.id),
  };
}

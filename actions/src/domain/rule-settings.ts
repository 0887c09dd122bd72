/** Rules as `holdfast.yml` speaks of them: what may be changed about ours, and how a team counts something of its own. */
import { closest, distance } from "fastest-levenshtein";
import * as z from "zod/mini";
import { durationMs, durationText } from "./duration.ts";
import { EVENT_KINDS } from "./events.ts";
import { strictObject } from "./strict-object.ts";

export const RULE_IDS = [
  "mass-password-reset",
  "mass-password-reset-admin",
  "mass-password-reset-slow",
  "bulk-user-creation",
  "bulk-user-creation-slow",
  "bulk-deletion",
  "bulk-deletion-slow",
  "destructive-statement",
  "statement-refused",
  "migration-outside-window",
  "unapproved-migration",
  "repeated-auth-failure",
  "repeated-auth-failure-account",
] as const;
export type BuiltInRule = (typeof RULE_IDS)[number];

export const SEVERITIES = ["HIGH", "MEDIUM", "LOW"] as const;
/** What a rule counts by. `none`: everything together. */
export const KEYS = ["ip", "actor", "target", "source", "app", "none"] as const;
/** Whose events count: anybody's, everybody's except administrators', or theirs only. An actor of whom a line cannot tell is no administrator. */
export const ADMIN_TREATMENTS = ["any", "except", "only"] as const;
/** Whose events an override declared in a log hides: nobody's, administrators', or everybody's. */
export const OVERRIDE_TREATMENTS = ["none", "admins", "all"] as const;
/** Whether an occurrence counts once, or as often as rows were touched. */
export const WEIGHTS = ["rows", "times"] as const;

/** A rule of ours, or one that a team counts by in `holdfast.yml`. */
export const ruleId = z.string().check(z.regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, "lower-case words joined by hyphens"), z.maxLength(40));

const says = <Schema extends z.ZodMiniType>(description: string, schema: Schema): Schema => schema.check(z.describe(description));
const text = z.string().check(z.minLength(1, "some text"), z.maxLength(500, "at most 500 characters"));
// A window lives in memory: past a day, a scheduled query over the database is the better tool.
const LONGEST_WINDOW_MS = 86_400_000;
const within = durationText.check(z.refine((length) => !isLongerThanADay(length), "a window of at most a day"));
const threshold = z.int().check(z.minimum(1, "a whole number from 1"), z.maximum(100_000, "a whole number up to 100000"));

const common = {
  severity: z.optional(z.enum(SEVERITIES)),
  key: says("What the rule counts by: ip, actor, target, source, app, or none for everything together.", z.optional(z.enum(KEYS))),
  admin: says(
    "Whose events count: any, except administrators', or theirs only. Where a line cannot tell, the actor counts as none.",
    z.optional(z.enum(ADMIN_TREATMENTS)),
  ),
  override: says(
    "Whose events a declared override hides: none, those of admins, or all. What it hides is counted in its bill.",
    z.optional(z.enum(OVERRIDE_TREATMENTS)),
  ),
};

const builtIn = strictObject({
  enabled: says(
    "Left out, a rule works where it can: the migration rules need maintenance windows or approvals to compare with.",
    z.optional(z.boolean()),
  ),
  threshold: says("The alert opens with this many events inside the window.", z.optional(threshold)),
  within: z.optional(within),
  ...common,
});
export type RuleSetting = z.output<typeof builtIn>;

/** Exact texts; one that ends in `*` means everything that begins so. Never a pattern: the texts it meets are hostile. */
const wanted = z.union([text, z.array(text).check(z.minLength(1, "at least one text"))]);
const where = strictObject({
  actor: z.optional(wanted),
  ip: z.optional(wanted),
  target: z.optional(wanted),
  table: z.optional(wanted),
  source: z.optional(wanted),
  migration: z.optional(wanted),
  destructive: z.optional(z.boolean()),
});

const custom = strictObject({
  count: says(
    "The kinds of event to count.",
    z
      .array(z.enum(EVENT_KINDS), { error: (issue) => (issue.input === undefined ? unknownRule(issue.path?.at(-2)) : undefined) })
      .check(z.minLength(1, "at least one kind of event")),
  ),
  enabled: z._default(z.boolean(), true),
  threshold,
  within,
  ...common,
  severity: z._default(z.enum(SEVERITIES), "MEDIUM"),
  key: z._default(z.enum(KEYS), "none"),
  weigh: says("rows: every row a line speaks of counts; times: every event counts once.", z._default(z.enum(WEIGHTS), "rows")),
  where: says("What else an event must say; a text that ends in * means everything that begins so.", z.prefault(where, {})),
  explanation: says("What the alert means, for whoever is woken by it.", text),
  runbook: says("Where to read what to do: an address or a path.", z.optional(text)),
});
export type CustomRule = z.output<typeof custom>;

export const ruleSettings = z.catchall(
  z.object({
    "mass-password-reset": z.optional(builtIn),
    "mass-password-reset-admin": z.optional(builtIn),
    "mass-password-reset-slow": z.optional(builtIn),
    "bulk-user-creation": z.optional(builtIn),
    "bulk-user-creation-slow": z.optional(builtIn),
    "bulk-deletion": z.optional(builtIn),
    "bulk-deletion-slow": z.optional(builtIn),
    "destructive-statement": z.optional(builtIn),
    "statement-refused": z.optional(builtIn),
    "migration-outside-window": z.optional(builtIn),
    "unapproved-migration": z.optional(builtIn),
    "repeated-auth-failure": z.optional(builtIn),
    "repeated-auth-failure-account": z.optional(builtIn),
  } satisfies Record<BuiltInRule, unknown>),
  custom,
);

function unknownRule(name: unknown): string {
  const given = String(name);
  const near = closest(given, [...RULE_IDS]);
  const meant = distance(given, near) <= Math.max(2, Math.floor(near.length / 3)) ? `; "${given}" may mean "${near}"` : "";
  return `a rule of ours (${RULE_IDS.join(", ")}), or a list of the kinds of event that a rule of your own counts: ${EVENT_KINDS.join(", ")}${meant}`;
}

/** Text that is no length of time is another check's to refuse. */
function isLongerThanADay(length: string): boolean {
  return z.safeParse(durationText, length).success && durationMs(length) > LONGEST_WINDOW_MS;
}

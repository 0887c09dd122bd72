/** What people are told, before any channel gives it its form. All text in it is plain; foreign text in it is already redacted and visible. */
import * as z from "zod/mini";
import { type RuleGuide, ruleId, SEVERITIES, SUPPRESSION_KINDS } from "../domain/index.ts";

/** Why a notice exists. `fallback` is no reason of a notice but of a delivery: it went by mail because its own channel did not answer. */
export const NOTICE_REASONS = ["first", "update", "end"] as const;
export type NoticeReason = (typeof NOTICE_REASONS)[number];

const instant = z.string();

/** One alert as a notice and the notifier's memory need it. */
export const toldAlertSchema = z.readonly(
  z.object({
    id: z.string(),
    rule: ruleId,
    severity: z.enum(SEVERITIES),
    app: z.nullable(z.string()),
    cluster: z.nullable(z.string()),
    key: z.string(),
    openedAt: instant,
    firstEventAt: instant,
    lastEventAt: instant,
    endedAt: z.nullable(instant),
    count: z.int(),
    threshold: z.int(),
    within: z.string(),
    source: z.string(),
    line: z.int(),
    excerpt: z.readonly(z.array(z.string())),
    withdrawn: z.exactOptional(z.string()),
  }),
);
export type ToldAlert = z.output<typeof toldAlertSchema>;

/** What is told of the alerts of one rule on one app. */
export const noticeSectionSchema = z.readonly(
  z.object({
    rule: ruleId,
    app: z.nullable(z.string()),
    cluster: z.nullable(z.string()),
    reason: z.enum(NOTICE_REASONS),
    opened: z.int(),
    ongoing: z.int(),
    ended: z.int(),
    /** The alerts shown in full, the newest change first; the counts tell how many there are. */
    alerts: z.readonly(z.array(toldAlertSchema)),
    /** Keys of alerts that are not shown in full, shortened. */
    otherKeys: z.readonly(z.array(z.string())),
  }),
);
export type NoticeSection = z.output<typeof noticeSectionSchema>;

/** What a silence or an override hid, told when it is over. */
export const toldBillSchema = z.readonly(
  z.object({
    kind: z.enum(SUPPRESSION_KINDS),
    /** In words. */
    hides: z.string(),
    by: z.string(),
    reason: z.string(),
    startedAt: instant,
    endedAt: instant,
    /** Null where its time ran out. */
    endedBy: z.nullable(z.string()),
    alerts: z.int(),
    occurrences: z.int(),
    byRule: z.readonly(z.array(z.readonly(z.object({ rule: z.string(), alerts: z.int(), occurrences: z.int() })))),
  }),
);
export type ToldBill = z.output<typeof toldBillSchema>;

export const noticeSchema = z.readonly(
  z.object({
    /** The same for every attempt and channel: a second arrival can be told from a second notice. */
    id: z.string(),
    severity: z.enum(SEVERITIES),
    at: instant,
    /** The first notice about the same alerts, so that mails form a thread; null where this is the first. */
    after: z.nullable(z.string()),
    sections: z.readonly(z.array(noticeSectionSchema)),
    bills: z._default(z.readonly(z.array(toldBillSchema)), []),
    /** `seq:hash` of the ledger's newest entry: a head kept where nobody who rewrites the ledger can reach it. */
    head: z.nullable(z.string()),
  }),
);
export type Notice = z.output<typeof noticeSchema>;

/** What turns a notice into sentences: written by us or in `holdfast.yml`, never in a log. */
export interface Wording {
  guide(rule: string): RuleGuide;
  /** The page of an incident; null where `holdfast.yml` names no page. */
  alertPage(id: string): string | null;
  /** An address; null where there is none that a link can lead to. */
  runbook(rule: string): string | null;
  /** An IANA name: times are shown in UTC and in the zone of the app. */
  timeZone(app: string | null): string;
}

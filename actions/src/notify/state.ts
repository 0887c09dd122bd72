/** What the notifier must find again after a crash. Whoever runs it keeps this, as JSON, in one piece. */
import * as z from "zod/mini";
import { ruleId } from "../domain/index.ts";
import { noticeSchema, toldAlertSchema } from "./notice.ts";

const ms = z.number();

const trackedSchema = z.readonly(
  z.object({
    alert: toldAlertSchema,
    /** What hides it, by its last transition's own word. */
    declared: z.nullable(z.string()),
    /** What hid it when last decided. */
    hiddenBy: z.nullable(z.string()),
    told: z.boolean(),
    /** Since when something waits to be told; null where nothing does. */
    changedAt: z.nullable(ms),
  }),
);
export type Tracked = z.output<typeof trackedSchema>;

const groupSchema = z.readonly(
  z.object({
    destination: z.string(),
    rule: ruleId,
    app: z.nullable(z.string()),
    cluster: z.nullable(z.string()),
    alerts: z.readonly(z.array(trackedSchema)),
    /** Alerts above what is kept one by one, not told yet: they are counted. */
    uncounted: z.int(),
    lastNoticeAt: z.nullable(ms),
    /** Notices since it was last quiet: each makes the next wait longer. */
    notices: z.int(),
    firstNotice: z.nullable(z.string()),
  }),
);
export type Group = z.output<typeof groupSchema>;

const queuedSchema = z.readonly(
  z.object({
    destination: z.string(),
    notice: noticeSchema,
    queuedAt: ms,
    attempts: z.int(),
    nextAttemptAt: ms,
    problem: z.nullable(z.string()),
    /** Its own channel will never take it. */
    refused: z.boolean(),
    /** Whether the other way has told it: nothing to do, still to do, done. */
    fallback: z.enum(["none", "open", "sent"]),
    fallbackAttempts: z.int(),
    nextFallbackAt: ms,
  }),
);
export type Queued = z.output<typeof queuedSchema>;

export const notifierStateSchema = z.readonly(
  z.object({
    v: z.literal(1),
    groups: z.readonly(z.array(groupSchema)),
    /** In the order of telling, for each destination. */
    outbox: z.readonly(z.array(queuedSchema)),
    /** When each destination was last given something new to send: what bounds a storm. */
    sent: z.readonly(z.array(z.readonly(z.object({ destination: z.string(), at: ms })))),
    /** Alerts that are over, so that a replay tells none of them again. */
    over: z.readonly(z.array(z.readonly(z.object({ id: z.string(), destination: z.string(), at: ms })))),
    /** Silences and overrides that were in force when last decided: each end has its bill. */
    watching: z._default(z.readonly(z.array(z.string())), []),
  }),
);
export type NotifierState = z.output<typeof notifierStateSchema>;

export const EMPTY_STATE: NotifierState = { v: 1, groups: [], outbox: [], sent: [], over: [], watching: [] };

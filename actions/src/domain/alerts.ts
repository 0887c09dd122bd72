/**
 * An alert as it is written to `alerts.jsonl`, sent to people and kept in the ledger: one shape from the collector to the page. Its text
 * fields hold redacted, visible, length-limited text; nothing in them may be a secret or markup.
 */
import * as z from "zod/mini";
import { incidentId } from "./names.ts";
import { ruleId, SEVERITIES } from "./rule-settings.ts";

/** What happened to an alert: each is one line of `alerts.jsonl`, and no transition of an alert is written twice. */
export const TRANSITIONS = ["opened", "updated", "ended"] as const;

const instant = z.iso.datetime({ precision: 3, error: "a UTC time with milliseconds" });

export const alertSchema = z.object({
  v: z.literal(1),
  /** `<rule>-<16 hexadecimal digits>`, from rule, key and opening event: a replay finds the same one. It is also the incident's id. */
  id: incidentId,
  transition: z.enum(TRANSITIONS),
  rule: ruleId,
  severity: z.enum(SEVERITIES),
  /** Null for logs that belong to no app of `holdfast.yml`. */
  app: z.nullable(z.string()),
  cluster: z.nullable(z.string()),
  /** What the rule counts by: an ip, an account, an app; `*` where it counts everything together. */
  key: z.string(),
  /** The crossing event's time. */
  openedAt: instant,
  firstEventAt: instant,
  lastEventAt: instant,
  endedAt: z.nullable(instant),
  /** Occurrences inside the episode so far. */
  count: z.int(),
  threshold: z.int(),
  /** A length of time as configuration writes it, `60s`. */
  within: z.string(),
  /** The container, file or database log that the crossing line came from. */
  source: z.string(),
  /** The crossing line in it, from 1. */
  line: z.int(),
  /** The lines that led to it, newest last, redacted and shortened. */
  excerpt: z.array(z.string()),
  /** What kept it from being told to people; null where nothing did. It is counted in that silence's bill. */
  hiddenBy: z.nullable(z.string()),
  /** For an `ended` alert that turned out to be no episode of its own once late lines had come: why. */
  withdrawn: z.exactOptional(z.string()),
});
export type Alert = z.output<typeof alertSchema>;

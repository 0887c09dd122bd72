/**
 * Alerts that somebody else's detection found, read from their file. Nothing in it is believed: a line that is no alert, or one that no detection
 * would write, refuses the whole file, because half a truth from a stranger is none.
 */
import * as z from "zod/mini";
import { type Alert, alertSchema, type Config, excerptOf, HIDDEN_CHARACTERS, showValue } from "../domain/index.ts";

export type ReadAlerts = { readonly ok: true; readonly alerts: readonly Alert[] } | { readonly ok: false; readonly problem: string };

const MOST_LINES = 10_000;
const LONGEST_LINE = 64 * 1024;
// Ours are shorter; what others count by or quote may be longer, a page of it is not.
const LONGEST_TEXT = 1_000;
const MOST_QUOTED = 50;
// Clocks differ by seconds. An alert of next week would stand above all others until then.
const AHEAD_MS = 5 * 60_000;

/** Opened and ended alerts, in the order of the file; updates are no news to the ledger. */
export function readAlertLines(text: string, config: Pick<Config, "apps" | "clusters">, now: Date): ReadAlerts {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  if (lines.length > MOST_LINES) return { ok: false, problem: `it holds ${lines.length} lines; allowed: up to ${MOST_LINES}` };
  const alerts: Alert[] = [];
  for (const [index, line] of lines.entries()) {
    const read = readLine(line, now);
    if (typeof read === "string") return { ok: false, problem: `line ${index + 1}: ${read}` };
    if (read.transition !== "updated") alerts.push(ours(read, config));
  }
  return { ok: true, alerts };
}

function readLine(line: string, now: Date): Alert | string {
  if (line.length > LONGEST_LINE) return `${line.length} characters; allowed: up to ${LONGEST_LINE}`;
  let document: unknown;
  try {
    document = JSON.parse(line);
  } catch {
    return `not JSON: ${showValue(line)}`;
  }
  const result = z.safeParse(alertSchema, document);
  if (!result.success) return result.error.issues.map((issue) => `${issue.path.join(".") || "(whole)"}: ${issue.message}`).join("; ");
  return unlikely(result.data, now) ?? result.data;
}

function unlikely(alert: Alert, now: Date): string | null {
  const { id, rule, excerpt, transition, endedAt, openedAt, firstEventAt, lastEventAt } = alert;
  const texts = [alert.key, alert.source, alert.app ?? "", alert.cluster ?? "", alert.within, ...excerpt];
  if (!new RegExp(`^${rule}-[0-9a-f]{16}$`).test(id)) return `id ${showValue(id)} is not made of the rule and 16 hexadecimal digits`;
  if ((transition === "ended") !== (endedAt !== null)) return "endedAt must be given for an alert that ended, and only for one";
  if (excerpt.length > MOST_QUOTED) return `excerpt has ${excerpt.length} lines; allowed: up to ${MOST_QUOTED}`;
  if (texts.some((each) => each.length > LONGEST_TEXT)) return `a text of more than ${LONGEST_TEXT} characters`;
  if (texts.some((each) => each.search(HIDDEN_CHARACTERS) !== -1)) return "a text with hidden characters";
  const latest = Math.max(...[openedAt, firstEventAt, lastEventAt, endedAt ?? openedAt].map((at) => Date.parse(at)));
  if (latest > now.getTime() + AHEAD_MS) return `a time ahead of ours, ${new Date(latest).toISOString()}`;
  return null;
}

/** Said in our words, secrets taken out once more: an app or cluster that we do not have is nobody's, so that the alert concerns everyone; what hid it elsewhere hides nothing here. */
function ours(alert: Alert, { apps, clusters }: Pick<Config, "apps" | "clusters">): Alert {
  const app = apps.some((each) => each.name === alert.app && each.cluster === alert.cluster) ? alert.app : null;
  const cluster = clusters.some((each) => each.id === alert.cluster) ? alert.cluster : null;
  return { ...alert, app, cluster, excerpt: alert.excerpt.map((line) => excerptOf(line)), hiddenBy: null };
}

/**
 * The sentences of a notice, the same for every channel: plain text, without markup. Channels give them their form and escape them.
 */
import { excerptOf, formatDuration, type RuleGuide } from "../domain/index.ts";
import type { Notice, NoticeSection, ToldAlert, ToldBill, Wording } from "./notice.ts";

export interface Described {
  /** One line of our own words and configured names alone: fit for a subject or a phone's lock screen. */
  readonly title: string;
  readonly sections: readonly DescribedSection[];
  /** Sections that are not described, because there are too many. */
  readonly more: string | null;
  /** What to keep: the notice's id and the ledger's head. */
  readonly footer: readonly string[];
}

export interface DescribedSection {
  readonly heading: string;
  readonly alerts: readonly DescribedAlert[];
  /** Foreign text: keys. */
  readonly others: string | null;
  /** Null where people have been told before. */
  readonly guide: RuleGuide | null;
  readonly runbook: string | null;
}

export interface DescribedAlert {
  readonly facts: readonly { readonly name: string; readonly value: string }[];
  readonly excerpt: string;
  readonly page: string | null;
}

// Beyond this nobody reads on, and Slack takes 50 blocks at most.
const SECTIONS = 6;
const LINE_LENGTH = 500;

export function describeNotice(notice: Notice, wording: Wording): Described {
  const shown = notice.sections.slice(0, SECTIONS);
  const rest = notice.sections.slice(SECTIONS);
  const alerts = rest.reduce((sum, section) => sum + Math.max(section.opened, section.ongoing, section.ended), 0);
  return {
    title: titleOf(notice, wording),
    sections: [...notice.bills.map(describeBill), ...shown.map((section) => describeSection(section, wording))],
    more: rest.length === 0 ? null : `${rest.length} more kinds of alert with ${alerts} alerts are on the page.`,
    footer: [`Notice ${notice.id}`, ...(notice.head === null ? [] : [`Ledger head ${notice.head}`])],
  };
}

function titleOf({ severity, sections, bills: [bill] }: Notice, wording: Wording): string {
  const [only] = sections;
  if (bill !== undefined) return headingOfBill(bill);
  if (only === undefined) return "Test of the notices";
  if (sections.length === 1) return `${severity} ${headingOf(only, wording)}`;
  const opened = sections.reduce((sum, section) => sum + section.opened, 0);
  return `${severity} ${sections.length} kinds of alert at once: ${opened} new, ${sections.reduce((sum, { ongoing }) => sum + ongoing, 0)} open`;
}

function headingOf(section: NoticeSection, wording: Wording): string {
  const title = wording.guide(section.rule).title;
  const where = [section.app, section.cluster].filter((name) => name !== null).join(" on ");
  return `${title}${where === "" ? "" : ` in ${where}`}: ${countsOf(section)}`;
}

function headingOfBill({ kind, alerts }: ToldBill): string {
  const hid = alerts === 0 ? "it hid nothing" : `it hid ${alerts} ${alerts === 1 ? "alert" : "alerts"}`;
  return `${kind === "silence" ? "A silence" : "An override"} is over: ${hid}`;
}

function describeBill(bill: ToldBill): DescribedSection {
  const foreign = (text: string) => excerptOf(text, LINE_LENGTH);
  const facts = [
    { name: "Hid", value: foreign(bill.hides) },
    { name: "From", value: `${showTime(bill.startedAt, "UTC")}, by ${foreign(bill.by)}: ${foreign(bill.reason)}` },
    {
      name: "Until",
      value: `${showTime(bill.endedAt, "UTC")}, ${bill.endedBy === null ? "when its time ran out" : `ended by ${foreign(bill.endedBy)}`}`,
    },
    { name: "Alerts", value: `${bill.alerts}, of ${bill.occurrences} occurrences` },
    ...bill.byRule.map(({ rule, alerts, occurrences }) => ({ name: rule, value: `${alerts} alerts, ${occurrences} occurrences` })),
  ];
  return { heading: headingOfBill(bill), alerts: [{ facts, excerpt: "", page: null }], others: null, guide: null, runbook: null };
}

function countsOf({ reason, opened, ongoing, ended }: NoticeSection): string {
  const open = `${ongoing} open`;
  if (reason === "first")
    return [`${opened} new ${opened === 1 ? "alert" : "alerts"}`, open, ...(ended > 0 ? [`${ended} ended`] : [])].join(", ");
  if (reason === "end") return ongoing === 0 ? "ended" : `${ended} ended, ${open}`;
  return `still going on, ${open}`;
}

function describeSection(section: NoticeSection, wording: Wording): DescribedSection {
  const told = section.alerts.length + section.otherKeys.length;
  const unnamed = Math.max(section.opened, section.ended) - told;
  const others = [...section.otherKeys, ...(unnamed > 0 ? [`${unnamed} more`] : [])];
  return {
    heading: headingOf(section, wording),
    alerts: section.alerts.map((alert) => describeAlert(alert, wording)),
    others: others.length === 0 ? null : `Also: ${others.join(", ")}`,
    guide: section.reason === "first" ? wording.guide(section.rule) : null,
    runbook: wording.runbook(section.rule),
  };
}

function describeAlert(alert: ToldAlert, wording: Wording): DescribedAlert {
  // Redacted once already; a second time costs little, and what leaves here cannot be called back.
  const foreign = (text: string) => excerptOf(text, LINE_LENGTH);
  const zone = wording.timeZone(alert.app);
  const lasted = Date.parse(alert.lastEventAt) - Date.parse(alert.firstEventAt);
  const facts = [
    { name: "Opened", value: showTime(alert.openedAt, zone) },
    { name: "Severity", value: alert.severity },
    { name: "Count", value: `${alert.count} over ${formatDuration(lasted)}; the threshold is ${alert.threshold} in ${alert.within}` },
    { name: "Key", value: foreign(alert.key) },
    { name: "Source", value: `${foreign(alert.source)}, line ${alert.line}` },
    { name: "Incident", value: alert.id },
    ...(alert.endedAt === null ? [] : [{ name: "Ended", value: showTime(alert.endedAt, zone) }]),
    ...(alert.withdrawn === undefined ? [] : [{ name: "Withdrawn", value: alert.withdrawn }]),
  ];
  return { facts, excerpt: alert.excerpt.map(foreign).join("\n"), page: wording.alertPage(alert.id) };
}

/** `2026-11-20 11:03:12 UTC (12:03:12 Europe/Berlin)`. */
function showTime(instant: string, timeZone: string): string {
  const utc = `${instant.slice(0, 10)} ${instant.slice(11, 19)} UTC`;
  if (timeZone === "UTC") return utc;
  const local = new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
  return `${utc} (${local.format(new Date(instant))} ${timeZone})`;
}

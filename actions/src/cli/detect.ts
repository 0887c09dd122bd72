import { parseArgs } from "node:util";
import { createDetector, type DetectorCounts } from "../detection/detector.ts";
import type { Event } from "../detection/event.ts";
import { cluesOf } from "../detection/reader.ts";
import { kindsOf, rulesInForce } from "../detection/rules-in-force.ts";
import { type Alert, excerptOf, guideOf, visible } from "../domain/index.ts";
import { jsonLine, print } from "./print.ts";
import { openReplay, type Replay } from "./replay.ts";
import { type ReplaySettings, replaySettings } from "./replay-settings.ts";
import { openLog } from "./scan-log.ts";

const USAGE = "usage: holdfast detect [--config FILE] [--app NAME] [--events] [--hidden] [--json] FILE… (- for stdin)";

/**
 * Replays log files through the rules and prints an alert a line, as it was when it ended; or with `--events` every event. Several files are
 * the sources of one app. Exit 0 whether or not there are alerts; what could not be read or counted is said on stderr.
 */
export async function detect(args: string[]): Promise<number> {
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      config: { type: "string" },
      app: { type: "string" },
      events: { type: "boolean", default: false },
      hidden: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
    },
  });
  if (positionals.length === 0) throw new RangeError(`expected at least one file; ${USAGE}`);
  const settings = await replaySettings(values.config, values.app);
  const kinds = values.events ? null : kindsOf(rulesInForce(settings.rules));
  const logs = await Promise.all(positionals.map((path) => openLog(path, Date.now(), cluesOf(settings.reader, kinds))));
  const written = Math.max(...logs.map((log) => log.written));
  const replay = openReplay(logs, { ...settings.reader, reference: written }, kinds);
  if (values.events) await printEvents(replay, values.json);
  else await printAlerts(replay, settings, written, values);
  return 0;
}

async function printEvents(replay: Replay, json: boolean): Promise<void> {
  for await (const told of replay.events) {
    // One occurrence is one event, though a later line knew more of it.
    const events = told.filter(({ instead }) => instead === null);
    if (events.length > 0) await print(events.map(json ? (event) => jsonLine(eventLine(event)) : describeEvent).join(""));
  }
  report(sayReplay(replay));
}

async function printAlerts(
  replay: Replay,
  { rules, detector: options, settings }: ReplaySettings,
  written: number,
  { json, hidden }: { readonly json: boolean; readonly hidden: boolean },
): Promise<void> {
  const detector = createDetector(rulesInForce(rules), options);
  const show = json ? (alert: Alert) => jsonLine(alertLine(alert)) : (alert: Alert) => describeAlert(alert, settings);
  let kept = 0;
  const finish = async (transitions: readonly Alert[]): Promise<void> => {
    const ended = transitions.filter((alert) => alert.transition === "ended" && alert.withdrawn === undefined);
    kept += ended.filter((alert) => alert.hiddenBy !== null).length;
    const shown = ended.filter((alert) => hidden || alert.hiddenBy === null);
    if (shown.length > 0) await print(shown.map(show).join(""));
  };
  for await (const events of replay.events) await finish(detector.push(events, written));
  await finish(detector.advance(Number.MAX_SAFE_INTEGER));
  report([
    ...sayReplay(replay),
    ...sayCounts(detector.counts()),
    ...(kept > 0 && !hidden ? [`hidden by an override: ${kept} of the alerts; --hidden shows them`] : []),
  ]);
}

/** The contract's fields first, in its order. */
function alertLine({ rule, severity, key, openedAt, firstEventAt, lastEventAt, count, threshold, within, source, line, ...more }: Alert) {
  const { v: _, transition: __, ...rest } = more;
  return { rule, severity, key, openedAt, firstEventAt, lastEventAt, count, threshold, within, source, line, ...rest };
}

function eventLine({ line, kind, at, actor, ip, admin, target, rows, source, table, times, destructive, migration }: Event) {
  const iso = at === null ? null : new Date(at).toISOString();
  return { line, kind, at: iso, actor, ip, admin, target, rows, source, table, times, destructive, migration };
}

function describeAlert(alert: Alert, rules: ReplaySettings["settings"]): string {
  const { title, runbook } = guideOf(alert.rule, rules);
  const key = alert.key === "*" ? "" : ` by ${alert.key}`;
  return [
    `${alert.severity} ${alert.rule}${key}: ${title}`,
    `  ${alert.openedAt} to ${alert.endedAt}: ${alert.count} events (threshold ${alert.threshold} in ${alert.within}), crossed at ${alert.source}:${alert.line}`,
    ...(alert.hiddenBy === null ? [] : [`  hidden: ${alert.hiddenBy}`]),
    ...alert.excerpt.map((line) => `  | ${line}`),
    ...(runbook === null ? [] : [`  What to do: ${runbook}`]),
    "",
  ].join("\n");
}

function describeEvent({ line, kind, at, actor, ip, admin, target, rows, source }: Event): string {
  const facts = [
    ["actor", actor],
    ["ip", ip],
    ["admin", admin],
    ["target", target],
    ["rows", rows],
  ] as const;
  const said = facts.flatMap(([name, value]) => (value === null ? [] : [`${name}=${excerptOf(String(value), 120)}`]));
  return `${at === null ? "(no time)" : new Date(at).toISOString()} ${kind} ${said.join(" ")} (${visible(source)}:${line})\n`;
}

function sayReplay(replay: Replay): readonly string[] {
  const { lines, looked, unreadable, jumps } = replay.counts();
  return [
    ...(looked < lines ? [`${lines} lines; the ${looked} that may tell of something that counts were read`] : []),
    ...(unreadable > 0 ? [`${unreadable} of the ${looked} lines that were read belong to no format that is known here`] : []),
    ...(jumps > 0 ? [`${jumps} events are stamped far ahead of the lines around them and were left out`] : []),
  ];
}

function sayCounts(counts: DetectorCounts & { readonly dropped: Readonly<Record<string, number>> }): readonly string[] {
  return [
    ...(counts.undated > 0 ? [`${counts.undated} events have no time and were not counted`] : []),
    ...(counts.clock > 0 ? [`${counts.clock} events are stamped in the future and were not counted`] : []),
    ...(counts.late > 0
      ? [`${counts.late} events came later than allowed, by up to ${counts.latestBy} ms, and were not counted (lateness in holdfast.yml)`]
      : []),
    ...(counts.overridesRefused > 0
      ? [
          `${counts.overridesRefused} overrides were declared in text that anybody could have written, or by no administrator, and hide nothing`,
        ]
      : []),
    ...Object.entries(counts.dropped).map(([rule, dropped]) => `${rule} had more keys than are kept: ${dropped} events were not counted`),
  ];
}

function report(sentences: readonly string[]): void {
  for (const sentence of sentences) process.stderr.write(`holdfast detect: ${sentence}\n`);
}

/** What the watching itself makes of a cluster's state: who watches, how far behind, what was lost, and whether due work was asked for. */
import type { Config } from "./config.ts";
import { durationMs, formatDuration } from "./duration.ts";
import type { Entry } from "./ledger.ts";
import { dueSnapshots, slotStart } from "./schedule.ts";
import { degraded, type StateInputs, type StateReason } from "./state-reasons.ts";
import type { CollectorHealth, SourceHealth } from "./watch.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
// A heartbeat comes every minute; a quarter of an hour outlasts a restart and a short absence of GitHub.
const SILENT_MS = 15 * MINUTE_MS;
// An alert that comes a minute late has let a fast accident finish.
const LAG_MS = MINUTE_MS;
// Beyond this a line's own time says nothing about order.
const SKEW_MS = 5 * MINUTE_MS;
// Banners and stack traces are a few percent of a healthy log; a format that no longer fits is nearly all of it.
const UNREADABLE_SHARE = 0.1;
// GitHub's cron ticks hourly and comes late, up to about an hour.
const LATE_MS = 2 * HOUR_MS;
const NOTICE_MS = 24 * HOUR_MS;

export function watchReasons(inputs: StateInputs, entries: readonly Entry[]): readonly StateReason[] {
  const { cluster, config, collectors, now } = inputs;
  const apps = config.apps.filter((app) => app.cluster === cluster.id);
  if (apps.length === 0) return noticeReasons(entries, now);
  if (!collectors.ok) {
    return [
      degraded(
        "watch-unread",
        `What the collectors report cannot be read: ${collectors.problem}`,
        "Check the connection and the token's rights.",
      ),
    ];
  }
  const reasons =
    collectors.value.length === 0
      ? unwatched(
          inputs,
          entries,
          apps.map((app) => app.name),
        )
      : collectors.value.flatMap((collector) => collectorReasons(collector, apps, now));
  return [...reasons, ...apps.flatMap((app) => canaryReasons(app, config.schedule.canary, entries, now)), ...noticeReasons(entries, now)];
}

/** Without a collector the scheduled pass over database logs may be the one who watches. */
function unwatched({ cluster, config, now }: StateInputs, entries: readonly Entry[], apps: readonly string[]): StateReason[] {
  const pass = entries.findLast((entry) => entry.kind === "detect.completed" && entry.data.cluster === cluster.id);
  const since = slotStart(config.schedule.detect, now);
  if (pass !== undefined && since !== null && now.getTime() - Date.parse(pass.at) <= periodOf(since, config.schedule.detect) + LATE_MS)
    return [];
  const last =
    pass === undefined ? "no collector has reported" : `no collector has reported, and the last pass over its logs was at ${pass.at}`;
  return [
    degraded(
      "nobody-watches",
      `Nobody watches ${apps.join(", ")}: ${last}.`,
      "Start a collector beside the containers, or set schedule.detect in holdfast.yml.",
    ),
  ];
}

function collectorReasons(health: CollectorHealth, apps: Config["apps"], now: Date): StateReason[] {
  const silence = now.getTime() - Date.parse(health.at);
  if (silence > SILENT_MS) {
    return [
      degraded(
        "collector-silent",
        `The collector ${health.collector} has been silent for ${formatDuration(silence)}.`,
        "Look at the machine it runs on; what happened since is not watched.",
      ),
    ];
  }
  const failed =
    health.notices.failed === 0
      ? []
      : [
          degraded(
            "notices-failed",
            `The collector ${health.collector} could not deliver ${health.notices.failed} notices and gave up.`,
            "Check the addresses and secrets under notify, then read the alerts here.",
          ),
        ];
  const { unrouted = 0 } = health.notices;
  const untold = unrouted === 0 ? [] : [untoldReason(unrouted, `the collector ${health.collector}`)];
  const sources = health.sources.flatMap((source) => {
    const app = apps.find((each) => each.name === source.app);
    return app === undefined ? [] : sourceReasons(source, app, now);
  });
  return [...failed, ...untold, ...sources];
}

function untoldReason(count: number, finder: string): StateReason {
  return degraded(
    "notices-failed",
    `Nobody was told of ${count} alerts that ${finder} found: no route matches them.`,
    "Add a route under notify in holdfast.yml, then read the alerts here.",
  );
}

function sourceReasons(source: SourceHealth, app: Config["apps"][number], now: Date): StateReason[] {
  const { lines, dropped, unreadable, late } = source.lastHour;
  const quiet = source.lastLineAt === null ? null : now.getTime() - Date.parse(source.lastLineAt);
  const look = `Look at ${source.name} and the collector's own log.`;
  return [
    ...(source.following ? [] : [degraded("source-silent", `${source.name} is not being followed.`, `${look} Is it running?`)]),
    ...(source.following && quiet !== null && quiet > durationMs(app.quiet)
      ? [degraded("source-silent", `${source.name} has said nothing for ${formatDuration(quiet)}.`, look)]
      : []),
    ...(dropped > 0
      ? [degraded("lines-lost", `${dropped} lines of ${source.name} were lost in the last hour.`, `${look} What they said is unknown.`)]
      : []),
    ...(unreadable > lines * UNREADABLE_SHARE
      ? [
          degraded(
            "lines-lost",
            `${unreadable} of ${lines} lines of ${source.name} in the last hour were not understood.`,
            `Set the format of ${app.name} in holdfast.yml.`,
          ),
        ]
      : []),
    ...(late > 0 ? [degraded("watch-behind", `${late} lines of ${source.name} came later than allowed in the last hour.`, look)] : []),
    ...(source.lagMs !== null && source.lagMs > LAG_MS
      ? [degraded("watch-behind", `${source.name} is read ${formatDuration(source.lagMs)} behind.`, look)]
      : []),
    ...(source.clockSkewMs !== null && Math.abs(source.clockSkewMs) > SKEW_MS
      ? [
          degraded(
            "watch-behind",
            `The clock of ${source.name} is ${formatDuration(Math.abs(source.clockSkewMs))} off.`,
            "Correct the clock or the time zone in holdfast.yml.",
          ),
        ]
      : []),
  ];
}

function canaryReasons(app: Config["apps"][number], cadence: string, entries: readonly Entry[], now: Date): StateReason[] {
  const slot = slotStart(cadence, now);
  if (app.canary === undefined || slot === null) return [];
  const next = "Follow the path: the app's address, its access log, the collector, branch status.";
  const last = entries.findLast(
    (entry) => (entry.kind === "canary.received" || entry.kind === "canary.missing") && entry.data.app === app.name,
  );
  if (last?.kind === "canary.missing") {
    return [degraded("canary-missing", `The canary sent to ${app.name} at ${last.at} never came back.`, next)];
  }
  const since = last?.at ?? entries[0]?.at;
  const age = since === undefined ? 0 : now.getTime() - Date.parse(since);
  if (age <= periodOf(slot, cadence) + LATE_MS) return [];
  return [
    degraded(
      "canary-missing",
      `No canary has come back from ${app.name} for ${formatDuration(age)}.`,
      `Look why canary.yml did not run. ${next}`,
    ),
  ];
}

function noticeReasons(entries: readonly Entry[], now: Date): StateReason[] {
  const isRecent = ({ at }: Entry) => now.getTime() - Date.parse(at) <= NOTICE_MS;
  const untold = entries
    .filter((entry) => entry.kind === "detect.completed" && isRecent(entry))
    .reduce((sum, { data }) => sum + (typeof data.untold === "number" ? data.untold : 0), 0);
  const unrouted = untold === 0 ? [] : [untoldReason(untold, "the scheduled passes of the last day")];
  const last = entries.findLast((entry) => entry.kind === "notice.failed");
  if (last === undefined || !isRecent(last)) return unrouted;
  return [
    ...unrouted,
    degraded(
      "notices-failed",
      `A notice could not be delivered at ${last.at}.`,
      `Open ledger entry ${last.seq}; check the addresses and secrets under notify.`,
    ),
  ];
}

/** A snapshot whose hour has passed and that nobody asked for. */
export function scheduleReasons({ cluster, config, now }: StateInputs, entries: readonly Entry[]): readonly StateReason[] {
  const requested = new Set(entries.flatMap(({ data }) => (typeof data.requestId === "string" ? [data.requestId] : [])));
  const [first] = entries;
  return dueSnapshots({ clusters: [cluster], schedule: config.schedule }, now, requested)
    .filter(({ slot, lateMs }) => lateMs > LATE_MS && first !== undefined && Date.parse(first.at) < slot.getTime())
    .map(({ slot, lateMs }) =>
      degraded(
        "scheduler-late",
        `The snapshot due at ${slot.toISOString()} was not asked for; that is ${formatDuration(lateMs)} ago.`,
        "Look whether schedule.yml is enabled and ran; meanwhile take a snapshot by hand.",
      ),
    );
}

/** How long a slot lasts. */
function periodOf(slot: Date, cadence: string): number {
  return slot.getTime() - (slotStart(cadence, new Date(slot.getTime() - 1))?.getTime() ?? slot.getTime());
}

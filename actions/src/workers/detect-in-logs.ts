/**
 * One pass over a cluster's database logs, for where no collector can run: read what is new, detect, record, tell people, remember. Whatever breaks
 * off is done again by the next pass: alerts have ids of their own, so the ledger takes none twice.
 */
import type { ClusterFacts } from "../aurora/aurora.ts";
import type { DatabaseLogs } from "../aurora/database-logs.ts";
import { readLogLines } from "../aurora/read-log-lines.ts";
import { createDetector } from "../detection/detector.ts";
import type { Event } from "../detection/event.ts";
import { openReader } from "../detection/reader.ts";
import { rulesInForce } from "../detection/rules-in-force.ts";
import {
  type Alert,
  alertDraft,
  approvedMigrations,
  type Cluster,
  type Config,
  discreetAlert,
  durationMs,
  excerptOf,
  expiredDrafts,
  hashedKey,
  type Privacy,
  suppressionOf,
  suppressionsOf,
} from "../domain/index.ts";
import type { Origin } from "../github/runs.ts";
import type { Channels } from "../notify/notifier.ts";
import type { Completed } from "./conduct.ts";
import type { Journal } from "./journal.ts";
import { Refusal } from "./outcome.ts";
import type { Memory, PassMemory } from "./pass-memory.ts";
import { givenUpDrafts, tellAlerts } from "./tell-alerts.ts";
import type { Clock } from "./wait-until.ts";

export interface DetectWork extends Clock {
  readonly config: Config;
  readonly cluster: Cluster;
  readonly journal: Journal;
  readonly origin: Origin;
  readonly privacy: Privacy;
  readonly aurora: { cluster(id: string): Promise<Pick<ClusterFacts, "instances"> | null> };
  readonly logs: DatabaseLogs;
  readonly memory: PassMemory;
  readonly channels: Channels;
  /** Keeps the alerts of this pass where the run can hand them on. */
  handOn(alerts: readonly Alert[]): Promise<void>;
}

const LOGS = /^(error\/postgresql\.log\.[\d-]+|error\/mysql-error(-running)?\.log(\.[\d-]+)?|audit\/(server_)?audit\.log.*)$/;
// RDS refreshes a file's time now and then, and a file is written to for an hour.
const OVERLAP_MS = 2 * 3_600_000;
// A first pass looks back a day: what happened longer ago is for tune, not for whoever is on call.
const FIRST_MS = 24 * 3_600_000;
// Some 60 portions: a minute or two of downloads. A busier cluster wants a collector, and the pass says that it is behind.
const PASS_CHARACTERS = 64 * 1024 ** 2;
const LATENESS_MS = 60_000;
const MAX_KEYS = 100_000;
const BATCH = 200;

export async function detectInLogs(work: DetectWork): Promise<Completed> {
  const { cluster, journal, now } = work;
  await journal.append(expiredDrafts(journal.view().entries, { ...writerOf(work) }));
  const began = now();
  const { memory, problem } = await work.memory.read();
  const read = await readNew(memory, work);
  const found = detect(read, memory, work);
  await record(found.alerts, work);
  await work.handOn(found.alerts.map((alert) => discreetAlert(alert, work.privacy)));
  const remember = (notifier: Memory["notifier"]) =>
    work.memory.write({ at: began.toISOString(), cursors: read.cursors, detector: found.detector, notifier });
  const { results, untold } = await tellAlerts(found.alerts, { ...work, state: memory.notifier, keep: remember });
  await journal.append(givenUpDrafts(results, { ...writerOf(work), cluster: cluster.id, privacy: work.privacy }));

  const opened = found.alerts.filter((alert) => alert.transition === "opened").length;
  const counts = { lines: read.lines, unreadable: read.unreadable, events: read.events.length, opened, untold, behind: read.behind };
  await journal.record("completed", "detect.completed", { cluster: cluster.id, ...counts });
  const sent = results.filter((result) => result.kind === "notice-sent").length;
  return {
    result: "completed",
    title: opened === 0 ? `Nothing alarming in the logs of ${cluster.id}` : `${opened} alerts in the logs of ${cluster.id}`,
    facts: [
      { name: "Lines read", value: `${counts.lines}, of which ${counts.unreadable} were not understood` },
      { name: "Events", value: String(counts.events) },
      { name: "Alerts opened", value: String(opened) },
      { name: "Notices", value: `${sent} sent, ${results.filter((result) => result.kind === "notice-failed").length} given up` },
      ...(untold === 0 ? [] : [{ name: "Told to nobody", value: `${untold} alerts, because no route under notify matches them` }]),
      ...(read.behind ? [{ name: "Behind", value: "there was more than one pass reads; the next goes on" }] : []),
      ...(problem === null ? [] : [{ name: "Memory", value: `of the last pass could not be read, so this one began anew: ${problem}` }]),
    ],
    next: opened === 0 ? "Nothing." : "Open the alerts on the page and follow their first steps.",
  };
}

interface NewLines {
  readonly events: readonly Event[];
  readonly cursors: Memory["cursors"];
  readonly lines: number;
  readonly unreadable: number;
  readonly behind: boolean;
}

async function readNew(memory: Memory, { cluster, config, aurora, logs, now }: DetectWork): Promise<NewLines> {
  const facts = await aurora.cluster(cluster.id);
  if (facts === null) throw new Refusal(`AWS does not know the cluster ${cluster.id}.`, "Check its id and region in holdfast.yml.");
  const app = appOf(cluster, config);
  const since = memory.at === null ? now().getTime() - FIRST_MS : Date.parse(memory.at) - OVERLAP_MS;
  const cursors: Record<string, Memory["cursors"][string]> = {};
  const events: Event[] = [];
  let [lines, unreadable, behind] = [0, 0, false];
  for (const instance of facts.instances) {
    const place = { cursors: memory.cursors[instance] ?? {}, since: new Date(since), wanted: LOGS, limit: PASS_CHARACTERS };
    const reading = await readLogLines(logs, instance, place);
    cursors[instance] = reading.cursors;
    lines += reading.lines.length;
    behind ||= reading.behind;
    const reader = openReader({
      source: instance,
      format: "auto",
      // Aurora writes its logs in UTC and says so.
      timezone: "UTC",
      reference: now().getTime(),
      admin: app?.admin ?? { actors: [], paths: [] },
      overridesFrom: [],
    });
    for (const { file, number, text } of reading.lines) {
      events.push(...reader.read({ text, number, source: `${instance}/${file}`, stamp: null }));
    }
    // What waits for its session's next line is told now: kept, it would be log text on a branch.
    events.push(...reader.flush());
    unreadable += reader.counts().unreadable;
  }
  // Instances tell of the same time one after the other; by its own time none of them is late.
  return { events: events.toSorted((a, b) => (a.at ?? 0) - (b.at ?? 0)), cursors, lines, unreadable, behind };
}

interface Found {
  readonly alerts: readonly Alert[];
  readonly detector: Memory["detector"];
}

function detect({ events, behind }: NewLines, memory: Memory, { cluster, config, journal, privacy, now }: DetectWork): Found {
  const app = appOf(cluster, config);
  const detector = createDetector(
    rulesInForce(config),
    {
      app: app?.name ?? null,
      cluster: cluster.id,
      show: excerptOf,
      discreet: (key) => hashedKey(key, privacy, app?.name ?? null),
      lateness: app === undefined ? LATENESS_MS : durationMs(app.lateness),
      longestOverride: durationMs(config.suppressions.override),
      maxKeys: MAX_KEYS,
    },
    memory.detector ?? undefined,
  );
  const at = now().getTime();
  const declared = detector.declare({ approved: approvedMigrations(journal.view().entries, config) });
  const alerts = [...declared, ...detector.push(events, at), ...(behind ? [] : detector.advance(at))];
  const suppressions = suppressionsOf(journal.view().entries, now());
  const hidden = alerts.map((alert) => {
    if (alert.hiddenBy !== null) return alert;
    return { ...alert, hiddenBy: suppressionOf(discreetAlert(alert, privacy), suppressions, new Date(alert.openedAt))?.id ?? null };
  });
  return { alerts: hidden, detector: detector.state() };
}

/** The app whose database it is, where it is only one's. */
function appOf(cluster: Cluster, { apps }: Config): Config["apps"][number] | undefined {
  const own = apps.filter((app) => app.cluster === cluster.id);
  return own.length === 1 ? own[0] : undefined;
}

async function record(alerts: readonly Alert[], work: DetectWork): Promise<void> {
  const drafts = alerts.flatMap((alert) => alertDraft(alert, writerOf(work), work.privacy) ?? []);
  for (let at = 0; at < drafts.length; at += BATCH) await work.journal.append(drafts.slice(at, at + BATCH));
}

function writerOf({ origin, now }: DetectWork) {
  return { actor: origin.actor, run: origin.run, now: now() };
}

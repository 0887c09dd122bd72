/**
 * The collector: follows logs for as long as it runs and tells what it found. The order of its work is in this file and nowhere else:
 *
 *   read    lines arrive from every source, each batch with the cursor behind it; they are kept as they came
 *   detect  lines become events, events become alerts
 *   record  cursors, events and alerts go to the journal in one line, then the alerts to alerts.jsonl
 *   notify  whoever delivers alerts is told that there are some; each remembers by itself how far it came
 *   remember  now and then the journal is begun anew from everything that is known
 *
 * A process that is killed between two of these has told nothing that the journal does not know, and read nothing that it has not told.
 * It may not decide what an alert is, nor deliver one.
 */
import type { Declared } from "../detection/detector.ts";
import type { Line } from "../detection/event.ts";
import type { Alert } from "../domain/index.ts";
import { type AlertFile, openAlertFile } from "./alert-file.ts";
import type { Health } from "./health.ts";
import { type Journal, openJournal, type Place, readJournal, type Whole } from "./journal.ts";
import type { Judge, Judged, OpenJudge } from "./judge.ts";
import { type KeptPlace, openKeptLines } from "./kept-lines.ts";
import { type Arrival, mergeSources } from "./merge-sources.ts";
import { openReadingOrder, SETTLE_MS } from "./reading-order.ts";
import type { Origin, Source } from "./source.ts";

export interface CollectOptions {
  readonly origins: readonly Origin[];
  readonly openJudge: OpenJudge;
  /** What people declared, where it has changed since last asked. */
  readonly declared: () => Declared | null;
  readonly health: Health;
  readonly folders: { readonly state: string; readonly logs: string; readonly alerts: string };
  /** False: reads what there is and ends. */
  readonly follow: boolean;
  readonly signal: AbortSignal;
  readonly now: () => number;
  readonly random: () => number;
  /** Called after alerts have been recorded. */
  readonly notify: (alerts: readonly Alert[]) => void;
  /** Tells the operator, in one line. */
  readonly say: (text: string) => void;
}

const TICK_MS = 1_000;
// What was read and found nothing may be read again after a crash; it need not be written down at every line.
const COMMIT_MS = 100;
// A journal of this size is read back in well under a second.
const JOURNAL_BYTES = 8 * 1024 ** 2;
// Sources that say nothing for this long have nothing older on its way: the longest that lines are known to wait inside a container's engine.
const QUIET_MS = 5_000;

export async function collect(options: CollectOptions): Promise<void> {
  const { origins, openJudge, declared, health, folders, follow, signal, now, random, notify, say } = options;
  const memory = await recall(folders, openJudge, say);
  const { judge, places, alertFile, journal } = memory;
  const keptLines = await openKeptLines(folders.logs, now);
  const turn = openTurn(memory, now);
  const failing = new Set<string>();
  const resumed = new Set<string>();
  const waiting = new Map<string, Source>();
  const queue = openReadingOrder(now, origins.length > 1);
  let lastLineAt = now();

  const keep = async (source: Source, lines: readonly Line[]): Promise<KeptPlace | null> => {
    const left = places.get(source.key)?.kept ?? null;
    if (left !== null && !resumed.has(source.key)) await keptLines.resume(source.name, left);
    resumed.add(source.key);
    // Also where there is nothing to keep yet: the place in the file must be known before the first line is in it.
    return lines.length > 0 || left === null ? keptLines.keep(source.name, lines) : left;
  };

  const found = (source: Source, judged: Judged, lines: readonly Line[]): void => {
    turn.found(judged.alerts);
    health.judged(source, judged, lines);
  };

  const take = async (arrival: Arrival): Promise<void> => {
    const { source } = arrival;
    const behind = queue.behind(source.app);
    if ("begun" in arrival) {
      queue.begin(source);
    } else if ("batch" in arrival) {
      const { lines, cursor, lost, notes } = arrival.batch;
      failing.delete(source.key);
      queue.arrived(source, arrival.next);
      for (const note of notes) say(note);
      health.lines(source, lines, lost);
      const kept = await keep(source, lines);
      turn.place(source.key, { cursor, judged: null, kept });
      found(source, judge.take(source, lines, now(), behind), lines);
      if (lines.length === 0) return;
      lastLineAt = now();
      waiting.set(source.key, source);
    } else if ("problem" in arrival) {
      failing.add(source.key);
      queue.settle(source);
      health.problem(source);
      say(`${source.name}: ${arrival.problem}`);
    } else {
      failing.delete(source.key);
      queue.settle(source);
      // Nothing of it may be left waiting when its place is forgotten.
      found(source, judge.flush(source, now(), follow ? new Set() : behind), []);
      waiting.delete(source.key);
      if (!follow) return;
      turn.place(source.key, null);
      judge.forget(source);
      health.ended(source);
    }
  };

  /** A record that waits for its next line is told when none comes; the next line, when it does come, begins another. */
  const flush = (source: Source): void => {
    waiting.delete(source.key);
    found(source, judge.flush(source, now(), queue.behind(source.app)), []);
  };

  const release = (): void => {
    for (const app of queue.takeSettled()) turn.found(judge.release(app, now(), queue.behind(app)));
    queue.goOn((source) => judge.waiting(source) > 0);
  };

  const commit = async (atOnce: boolean): Promise<void> => {
    const alerts = await turn.commit(atOnce);
    if (alerts.length > 0) notify(alerts);
  };

  try {
    const arrivals = mergeSources(origins, {
      cursorOf: (key) => places.get(key)?.cursor ?? null,
      signal,
      keepTrying: follow,
      tickMs: () => (queue.isBehind() ? SETTLE_MS / 4 : TICK_MS),
      random,
    });
    for await (const group of arrivals) {
      const change = declared();
      if (change !== null) turn.found(judge.declare(change));
      for (const arrival of group) await take(arrival);
      release();
      if (group.length === 0 && now() - lastLineAt >= TICK_MS) for (const source of [...waiting.values()]) flush(source);
      // While a source cannot be read, its lines are still to come, however old they will be by then.
      if (follow && failing.size === 0 && !queue.isBehind() && now() - lastLineAt >= QUIET_MS) turn.found(judge.advance(now() - QUIET_MS));
      await commit(false);
      if (journal.size > JOURNAL_BYTES) {
        await commit(true);
        await journal.compact(memory.whole());
      }
    }
    if (!follow) for (const app of queue.apps()) turn.found(judge.release(app, now(), new Set()));
    await commit(true);
    await journal.compact(memory.whole());
  } finally {
    await keptLines.close();
    await journal.close();
    await alertFile.close();
  }
}

interface Memory {
  readonly judge: Judge;
  readonly places: Map<string, Place>;
  readonly alertFile: AlertFile;
  readonly journal: Journal;
  readonly whole: () => Whole;
}

/** Everything as it was when the journal was last written to, and alerts.jsonl completed to it. */
async function recall(folders: CollectOptions["folders"], openJudge: OpenJudge, say: (text: string) => void): Promise<Memory> {
  const { whole, steps } = await readJournal(folders.state);
  const places = new Map(Object.entries(whole?.places ?? {}));
  for (const step of steps) {
    for (const [key, place] of Object.entries(step.places)) place === null ? places.delete(key) : places.set(key, place);
  }
  const judge = openJudge({
    state: whole?.judge ?? null,
    inputs: steps.flatMap((step) => step.inputs),
    sources: Object.fromEntries([...places].flatMap(([key, { judged }]) => (judged === null ? [] : [[key, judged]]))),
  });
  const alertFile = await openAlertFile(folders.alerts, steps, say);
  const everything = (): Whole => ({ places: Object.fromEntries(places), judge: judge.state() });
  return { judge, places, alertFile, journal: await openJournal(folders.state, everything()), whole: everything };
}

interface Turn {
  found(alerts: readonly Alert[]): void;
  place(key: string, place: Place | null): void;
  /** Writes down what has gathered if it is due, at once where there are alerts, and returns the alerts. */
  commit(atOnce: boolean): Promise<readonly Alert[]>;
}

function openTurn({ judge, places, journal, alertFile }: Memory, now: () => number): Turn {
  let moved: Record<string, Place | null> = {};
  let alerts: Alert[] = [];
  let committedAt = 0;
  const move = (key: string, place: Place | null): void => {
    moved[key] = place;
    if (place === null) places.delete(key);
    else places.set(key, place);
  };
  return {
    found(more) {
      alerts.push(...more);
    },
    place: move,
    async commit(atOnce) {
      if (alerts.length === 0 && !atOnce && now() - committedAt < COMMIT_MS) return [];
      for (const key of judge.takeTouched()) {
        const place = places.get(key);
        if (place !== undefined) move(key, { ...place, judged: judge.sourceState(key) });
      }
      const step = { places: moved, inputs: judge.takeInputs(), alerts, alertsAt: alertFile.size };
      moved = {};
      alerts = [];
      if (step.inputs.length === 0 && step.alerts.length === 0 && Object.keys(step.places).length === 0) return [];
      await journal.append(step, step.alerts.length > 0);
      if (step.alerts.length > 0) await alertFile.append(step.alerts);
      committedAt = now();
      return step.alerts;
    },
  };
}

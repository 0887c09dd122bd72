/** Puts the collector together: where lines come from, what judges them, who is told. It reads no command line and no environment. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Declared } from "../detection/detector.ts";
import {
  approvedMigrations,
  type CollectorHealth,
  type Config,
  collectorPath,
  discreetKey,
  type Privacy,
  type Suppression,
  suppressionsOf,
} from "../domain/index.ts";
import type { Branch } from "../github/branch.ts";
import type { Ledger, LedgerView } from "../ledger/ledger.ts";
import { publishView } from "../ledger/status.ts";
import type { Channels } from "../notify/notifier.ts";
import { ALERT_FILE } from "./alert-file.ts";
import { collect } from "./collect.ts";
import { watchHealth } from "./health.ts";
import { takeLock } from "./lock.ts";
import { pauseFor } from "./merge-sources.ts";
import { openJudge } from "./open-judge.ts";
import { openOutbox } from "./outbox.ts";
import { openPublisher, type Publisher } from "./publish-alerts.ts";
import { beat, readHealth } from "./report-health.ts";
import type { Origin } from "./source.ts";
import { openTeller } from "./tell-people.ts";

export interface CollectorOptions {
  /** This collector among others: its machine's name. */
  readonly name: string;
  readonly config: Config;
  readonly origins: readonly Origin[];
  readonly folders: { readonly state: string; readonly logs: string; readonly alerts: string };
  readonly follow: boolean;
  readonly signal: AbortSignal;
  /** Null: alerts stay on this machine until there is a ledger to publish to. */
  readonly github: {
    readonly ledger: Ledger;
    readonly status: Branch;
    readonly actor: () => Promise<string>;
  } | null;
  readonly privacy: Privacy;
  readonly channels: Channels;
  readonly now: () => number;
  readonly random: () => number;
  readonly say: (text: string) => void;
}

// Three commits a minute at most, however many alerts there are.
const PUBLISH_PAUSE_MS = 20_000;
const TELL_PAUSE_MS = 100;
// How soon the collector knows of a silence or an override that people declared.
const REFRESH_MS = 30_000;

export async function runCollector(options: CollectorOptions): Promise<void> {
  const { name, config, origins, folders, follow, signal, github, privacy, channels, now, random, say } = options;
  await mkdir(folders.state, { recursive: true, mode: 0o700 });
  const unlock = await takeLock(folders.state);
  try {
    const health = watchHealth(name, now, await readHealth(folders.state));
    const known = knowLedger(config, now);
    const publisher =
      github === null
        ? null
        : await openPublisher({ ...github, privacy, folder: folders.state, now: () => new Date(now()), seen: known.see });
    const teller = await openTeller({
      folder: folders.state,
      routes: config.notify,
      channels,
      suppressions: known.suppressions,
      keyOf: ({ key, app }) => discreetKey(key, privacy, app),
      head: known.head,
      now,
      say,
    });
    const outbox = (to: string, take: Parameters<typeof openOutbox>[0]["take"], pauseMs: number) =>
      openOutbox({
        alertFile: join(folders.alerts, ALERT_FILE),
        positionFile: join(folders.state, `${to}.position`),
        take,
        pauseMs,
        random,
        say: (text) => say(`${to}: ${text}`),
      });
    const toPeople = outbox("people", teller.take, TELL_PAUSE_MS);
    const toLedger = publisher === null ? null : outbox("ledger", publisher.take, PUBLISH_PAUSE_MS);

    // The others outlast the reading, so that what was found last is carried on as well.
    const ending = new AbortController();
    const beside = [
      toPeople.run(ending.signal),
      teller.run(ending.signal),
      ...(toLedger === null ? [] : [toLedger.run(ending.signal)]),
      ...(publisher === null ? [] : [refresh(publisher, say, ending.signal)]),
      beat(
        {
          folder: folders.state,
          view: async () =>
            health.view({
              notices: { waiting: teller.waiting, failed: teller.failed, unrouted: teller.unrouted },
              spooled: toLedger === null ? 0 : await toLedger.waiting(),
            }),
          publish: github === null ? null : (view) => publishHealth(github.status, view),
          urgent: () => health.takeCanaries() > 0,
          say,
        },
        ending.signal,
      ),
    ];
    try {
      await collect({
        origins,
        openJudge: (memory) => openJudge({ ...config, privacy }, now, memory),
        declared: known.takeDeclared,
        health,
        folders,
        follow,
        signal,
        now,
        random,
        notify: () => {
          toPeople.wake();
          toLedger?.wake();
        },
        say,
      });
    } finally {
      ending.abort();
      await Promise.all(beside);
    }
  } finally {
    await unlock();
  }
}

async function publishHealth(status: Branch, health: CollectorHealth): Promise<void> {
  await publishView(status, collectorPath(health.collector), `${JSON.stringify(health, null, 1)}\n`);
}

async function refresh(publisher: Publisher, say: (text: string) => void, signal: AbortSignal): Promise<void> {
  let failed = false;
  while (!signal.aborted) {
    try {
      await publisher.refresh();
      failed = false;
    } catch (error) {
      if (!failed) say(`the ledger cannot be read: ${error instanceof Error ? error.message : String(error)}`);
      failed = true;
    }
    await pauseFor(REFRESH_MS, signal);
  }
}

interface KnownLedger {
  see(view: LedgerView): void;
  /** Also those that are over. */
  suppressions(): readonly Suppression[];
  head(): string | null;
  /** What people declared, where it has changed since last taken. */
  takeDeclared(): Declared | null;
}

function knowLedger(config: Config, now: () => number): KnownLedger {
  let ledger: LedgerView | null = null;
  let taken = "";
  const suppressions = (): readonly Suppression[] => {
    if (ledger === null) return [];
    return suppressionsOf(ledger.entries, new Date(now()));
  };
  return {
    see(view) {
      ledger = view;
    },
    suppressions,
    head: () => (ledger === null ? null : `${ledger.head.seq}:${ledger.head.hash}`),
    takeDeclared() {
      if (ledger === null) return null;
      // By its id an alert is counted in the bill of what hid it.
      const overrides = suppressions()
        .filter(({ ended }) => ended === null)
        .map(({ id, startedAt, until, matcher }) => ({
          name: id,
          from: Date.parse(startedAt),
          until: Date.parse(until),
          matcher,
        }));
      const approved = approvedMigrations(ledger.entries, config);
      const text = JSON.stringify({ overrides, approved });
      if (text === taken) return null;
      taken = text;
      return { overrides, approved };
    },
  };
}

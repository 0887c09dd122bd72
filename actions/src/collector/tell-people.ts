/** Hands alerts to the notifier and gives it time to send; what it remembers is kept beside the collector's own state. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Alert, Config, Suppression } from "../domain/index.ts";
import { type Channels, type NoticeResult, type Notifier, openNotifier } from "../notify/notifier.ts";
import { EMPTY_STATE, notifierStateSchema } from "../notify/state.ts";
import { pauseFor } from "./merge-sources.ts";
import { writeWhole } from "./write-whole.ts";

export interface TellOptions {
  readonly folder: string;
  readonly routes: Config["notify"];
  readonly channels: Channels;
  readonly suppressions: () => readonly Suppression[];
  readonly keyOf: (alert: Pick<Alert, "key" | "app">) => string;
  readonly head: () => string | null;
  readonly now: () => number;
  readonly say: (text: string) => void;
}

export interface Teller {
  /** Returns once the alerts are kept where a crash does not reach them. */
  take(alerts: readonly Alert[]): Promise<void>;
  /** Sends what is due until aborted. */
  run(signal: AbortSignal): Promise<void>;
  readonly waiting: number;
  /** Notices given up since the start. */
  readonly failed: number;
  /** Alerts since the start of which nobody is told, because no route matches them. */
  readonly unrouted: number;
}

const LONGEST_WAIT_MS = 5_000;

export async function openTeller({ folder, routes, channels, suppressions, keyOf, head, now, say }: TellOptions): Promise<Teller> {
  const file = join(folder, "notifier.json");
  const keep = (state: unknown) => writeWhole(file, `${JSON.stringify(state)}\n`);
  const text = await readFile(file, "utf8").catch(() => null);
  const state = text === null ? EMPTY_STATE : notifierStateSchema.parse(JSON.parse(text));
  const notifier: Notifier = openNotifier({ routes, channels, state, keep, suppressions, keyOf, head });
  let failed = 0;
  const unrouted = new Set<string>();
  let woken = new AbortController();

  const report = (results: readonly NoticeResult[]): void => {
    for (const result of results) {
      if (result.kind === "notice-failed") {
        failed += 1;
        say(`a notice to ${result.destination} was given up after ${result.attempts} attempts: ${result.problem}`);
      } else if (result.kind === "notice-delayed") {
        say(`a notice to ${result.destination} has to wait: ${result.problem}`);
      }
    }
  };

  return {
    async take(alerts) {
      const lost = notifier.offer(alerts, now()).filter(({ id }) => !unrouted.has(id));
      for (const { id } of lost) unrouted.add(id);
      if (lost.length > 0) say(`nobody is told of ${lost.length} alerts, which match no route under notify: ${nameSome(lost)}`);
      await notifier.flush();
      woken.abort();
    },
    async run(signal) {
      while (!signal.aborted) {
        report(await notifier.due(now()));
        const wait = Math.max(0, Math.min((notifier.nextAt() ?? Number.POSITIVE_INFINITY) - now(), LONGEST_WAIT_MS));
        await pauseFor(wait, AbortSignal.any([signal, woken.signal]));
        if (woken.signal.aborted) woken = new AbortController();
      }
      report(await notifier.due(now()));
    },
    get waiting() {
      return notifier.waiting().notices;
    },
    get failed() {
      return failed;
    },
    get unrouted() {
      return unrouted.size;
    },
  };
}

// A line of the collector's own log says enough with these; alerts.jsonl has all of them.
const NAMED = 3;

function nameSome(alerts: readonly Alert[]): string {
  const named = alerts.slice(0, NAMED).map(({ id, severity }) => `${severity} ${id}`);
  return alerts.length > NAMED ? `${named.join(", ")} and ${alerts.length - NAMED} more` : named.join(", ");
}

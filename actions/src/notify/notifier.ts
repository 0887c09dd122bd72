/**
 * The room that tells people: takes what happened to alerts, decides what is to be said, says it, and remembers that it was said. The order is
 * written here: decide, keep, send, keep. It reads no clock, no environment and no file.
 *
 * After a crash nothing is lost, and a notice is told twice only if the crash fell between its arrival and the keeping of that (the same goes
 * for an answer that was lost on its way): the second has the same id, and as a mail the same Message-ID.
 */
import type { Alert, Suppression } from "../domain/index.ts";
import type { Channel, Delivery } from "./channel.ts";
import { decideNotices, type Hidden, nextDecision, TIMING, type Timing } from "./decide-notices.ts";
import type { Notice } from "./notice.ts";
import type { Destination, Route } from "./routes.ts";
import { destinationsOf } from "./routes.ts";
import type { NotifierState, Queued } from "./state.ts";
import { trackAlerts } from "./track-alerts.ts";

export interface NotifierOptions {
  readonly routes: readonly Route[];
  readonly channels: Channels;
  /** What `keep` was last given; EMPTY_STATE at the first start. */
  readonly state: NotifierState;
  /** Keeps the state where a crash does not reach it; resolves when it is there. Called before a notice goes out and after. */
  readonly keep: (state: NotifierState) => Promise<void>;
  /** Silences and overrides that the ledger knows, as of now; also those that are over. */
  readonly suppressions?: () => readonly Suppression[];
  /** An alert's key as the matchers of these hold it; the key itself where nothing is said. */
  readonly keyOf?: (alert: Pick<Alert, "key" | "app">) => string;
  /** `seq:hash` of the ledger's newest entry as this process last saw it. */
  readonly head?: () => string | null;
  readonly timing?: Timing;
}

export interface Channels {
  /** The destination's own way. */
  of(destination: Destination): Channel;
  /** The way to take while that one does not answer; null where there is none. */
  fallbackOf(destination: Destination): Channel | null;
}

/** What came of it, for the ledger and the collector's health; `at` is the time that `due` was given. */
export type NoticeResult =
  | {
      readonly kind: "notice-sent";
      readonly destination: string;
      readonly notice: Notice;
      readonly reason: DeliveryReason;
      readonly attempts: number;
    }
  | {
      readonly kind: "notice-delayed";
      readonly destination: string;
      readonly notice: Notice;
      readonly problem: string;
      readonly retryAt: number;
    }
  /** Given up: this destination will not get it. `toldBy` says whether the other way has told it. */
  | {
      readonly kind: "notice-failed";
      readonly destination: string;
      readonly notice: Notice;
      readonly problem: string;
      readonly attempts: number;
      readonly toldBy: "fallback" | null;
    }
  | ({ readonly kind: "alert-hidden" } & Hidden);

/** The sections' own reason for a first attempt; `retry` and `fallback` for how it came through in the end. */
export type DeliveryReason = Notice["sections"][number]["reason"] | "retry" | "fallback";

export interface Notifier {
  /**
   * Takes transitions in, also ones it has seen before. Returns alerts that no route matches. What it took is kept once `flush` or `due` is over;
   * until then whoever calls must be able to offer it again.
   */
  offer(alerts: readonly Alert[], now: number): readonly Alert[];
  /** Keeps what was taken in. */
  flush(): Promise<void>;
  /** Decides and sends what is due. A call while another runs joins it. Takes as long as the slowest destination, so nothing should wait for it. */
  due(now: number): Promise<readonly NoticeResult[]>;
  /** When `due` has something to do, as far as is known; null while nothing waits. */
  nextAt(): number | null;
  state(): NotifierState;
  /** For health: notices waiting, and since when the oldest does. */
  waiting(): { readonly notices: number; readonly since: number | null };
}

const FIRST_RETRY_MS = 5_000;
const LONGEST_RETRY_MS = 300_000;
/** A day late, an alert is history; the ledger and the page have it, and giving up is told. */
const GIVE_UP_MS = 86_400_000;
/** More would be read by nobody; the oldest is given up, loudly. */
const OUTBOX_OF_A_DESTINATION = 200;

export function openNotifier(options: NotifierOptions): Notifier {
  const { routes, channels, keep, suppressions = () => [], keyOf = ({ key }) => key, head = () => null, timing = TIMING } = options;
  const destinations = destinationsOf(routes);
  let state = options.state;
  let running: Promise<readonly NoticeResult[]> | null = null;
  let changed = false;

  const replace = (entry: Queued, by: Queued | null) => {
    const same = (each: Queued) => each.destination === entry.destination && each.notice.id === entry.notice.id;
    state = { ...state, outbox: state.outbox.flatMap((each) => (same(each) ? (by === null ? [] : [by]) : [each])) };
  };
  let keeping: Promise<void> = Promise.resolve();
  /** One after another, each the newest state: an older one must not land on top of it. */
  const save = (): Promise<void> => {
    const next = () => {
      changed = false;
      return keep(state);
    };
    keeping = keeping.then(next, next);
    return keeping;
  };

  async function run(now: number): Promise<readonly NoticeResult[]> {
    const before = state;
    const decision = decideNotices(state, { now, destinations, routes, suppressions: suppressions(), keyOf, timing, head: head() });
    state = decision.state;
    const results: NoticeResult[] = decision.hidden.map((hidden) => ({ kind: "alert-hidden", ...hidden }));
    results.push(...overflow());
    // A destination that left the configuration takes what waits for it along; that is said, not forgotten.
    results.push(...orphaned());
    if (changed || state.outbox !== before.outbox || state.watching !== before.watching || results.length > 0) await save();
    const delivered = await Promise.all(destinations.map((destination) => deliver(destination, now)));
    return [...results, ...delivered.flat()];
  }

  function orphaned(): NoticeResult[] {
    const known = new Set(destinations.map(({ id }) => id));
    const lost = state.outbox.filter(({ destination }) => !known.has(destination));
    for (const entry of lost) replace(entry, null);
    return lost.map((entry) => failed(entry, "no route names this destination any more"));
  }

  function overflow(): NoticeResult[] {
    return destinations.flatMap(({ id }) => {
      const queue = state.outbox.filter(({ destination }) => destination === id);
      const surplus = queue.slice(0, Math.max(0, queue.length - OUTBOX_OF_A_DESTINATION));
      for (const entry of surplus) replace(entry, null);
      return surplus.map((entry) => failed(entry, `more than ${OUTBOX_OF_A_DESTINATION} notices wait for this destination`));
    });
  }

  /** One destination's notices, in order: while the first cannot be delivered the others wait behind it, and the other way tells them. */
  async function deliver(destination: Destination, now: number): Promise<readonly NoticeResult[]> {
    const results: NoticeResult[] = [];
    let blocked = false;
    for (const queued of state.outbox.filter((each) => each.destination === destination.id)) {
      let entry = queued;
      if (!entry.refused && !blocked && entry.nextAttemptAt <= now) {
        const delivery = await attempt(channels.of(destination), entry, null);
        if (delivery.delivered) {
          results.push({
            kind: "notice-sent",
            destination: destination.id,
            notice: entry.notice,
            reason: reasonOf(entry),
            attempts: entry.attempts + 1,
          });
          replace(entry, null);
          await save();
          continue;
        }
        entry = afterFailure(entry, delivery, now);
      }
      if (!entry.refused) blocked = true;
      if (blocked || entry.refused) entry = await tellOtherwise(destination, entry, results, now);
      results.push(...(await settle(queued, entry, now)));
    }
    return results;
  }

  /** The other way, at once for a notice that cannot go its own. */
  async function tellOtherwise(destination: Destination, entry: Queued, results: NoticeResult[], now: number): Promise<Queued> {
    const fallback = entry.fallback === "open" && entry.nextFallbackAt <= now ? channels.fallbackOf(destination) : null;
    if (fallback === null) return entry;
    const delivery = await attempt(fallback, entry, "Slack does not answer, so this comes by mail.");
    const fallbackAttempts = entry.fallbackAttempts + 1;
    if (!delivery.delivered) {
      const problem = `${ownProblem(entry)}; by mail: ${delivery.problem}`;
      return { ...entry, fallbackAttempts, nextFallbackAt: now + backOff(entry.fallbackAttempts), problem };
    }
    results.push({
      kind: "notice-sent",
      destination: destination.id,
      notice: entry.notice,
      reason: "fallback",
      attempts: fallbackAttempts,
    });
    return { ...entry, fallback: "sent", fallbackAttempts };
  }

  async function settle(was: Queued, entry: Queued, now: number): Promise<NoticeResult[]> {
    const old = now - entry.queuedAt >= GIVE_UP_MS;
    if (old || (entry.refused && entry.fallback !== "open")) {
      replace(entry, null);
      await save();
      return [failed(entry, entry.problem ?? "its turn did not come within a day")];
    }
    if (entry === was) return [];
    replace(entry, entry);
    await save();
    if (entry.attempts === was.attempts) return [];
    return [
      {
        kind: "notice-delayed",
        destination: entry.destination,
        notice: entry.notice,
        problem: entry.problem ?? "",
        retryAt: entry.nextAttemptAt,
      },
    ];
  }

  return {
    offer(alerts, now) {
      const tracking = trackAlerts(state, alerts, routes, now);
      changed = true;
      state = tracking.state;
      return tracking.unrouted;
    },
    flush: save,
    due(now) {
      running ??= run(now).finally(() => {
        running = null;
      });
      return running;
    },
    nextAt() {
      const retries = destinations.flatMap(({ id }) => {
        const queue = state.outbox.filter(({ destination }) => destination === id);
        const first = queue.find(({ refused }) => !refused);
        const otherwise = queue.filter(({ fallback, fallbackAttempts }) => fallback === "open" && fallbackAttempts > 0);
        return [...(first === undefined ? [] : [first.nextAttemptAt]), ...otherwise.map(({ nextFallbackAt }) => nextFallbackAt)];
      });
      const decision = nextDecision(state, { timing });
      const times = [...retries, ...(decision === null ? [] : [decision])];
      return times.length === 0 ? null : Math.min(...times);
    },
    state: () => state,
    waiting: () => ({
      notices: state.outbox.length,
      since: state.outbox.length === 0 ? null : Math.min(...state.outbox.map((each) => each.queuedAt)),
    }),
  };
}

/** A channel does not throw; if one does, that is a failed attempt like any other. What it threw could quote a secret. */
async function attempt(channel: Channel, entry: Queued, instead: string | null): Promise<Delivery> {
  try {
    return await channel.send(entry.notice, { instead });
  } catch (error) {
    const name = error instanceof Error ? error.name : typeof error;
    return { delivered: false, problem: `the notice could not be put into words (${name})`, worthRetry: false, retryAfterMs: null };
  }
}

function afterFailure(entry: Queued, delivery: Extract<Delivery, { delivered: false }>, now: number): Queued {
  return {
    ...entry,
    attempts: entry.attempts + 1,
    nextAttemptAt: now + Math.max(backOff(entry.attempts), delivery.retryAfterMs ?? 0),
    problem: delivery.problem,
    refused: !delivery.worthRetry,
  };
}

function backOff(attempts: number): number {
  return Math.min(FIRST_RETRY_MS * 2 ** attempts, LONGEST_RETRY_MS);
}

/** What its own channel said, without what the other way added. */
function ownProblem({ problem }: Queued): string {
  return problem?.split("; by mail: ")[0] ?? "others wait before it";
}

function failed({ destination, notice, attempts, fallback }: Queued, problem: string): NoticeResult {
  return { kind: "notice-failed", destination, notice, problem, attempts, toldBy: fallback === "sent" ? "fallback" : null };
}

function reasonOf({ attempts, notice }: Queued): DeliveryReason {
  if (attempts > 0) return "retry";
  const reasons = notice.sections.map(({ reason }) => reason);
  return (["first", "end"] as const).find((reason) => reasons.includes(reason)) ?? "update";
}

/** Telling people of alerts from inside a run, which ends: what is due now and soon, and a bounded wait for a channel that does not answer. */
import { type Alert, type Config, type Draft, discreetKey, entryId, type Privacy, suppressionsOf } from "../domain/index.ts";
import { type Channels, type NoticeResult, type NotifierOptions, openNotifier } from "../notify/notifier.ts";
import type { Journal } from "./journal.ts";
import type { Clock } from "./wait-until.ts";

export interface Telling extends Clock, Pick<NotifierOptions, "state" | "keep"> {
  readonly config: Config;
  readonly journal: Journal;
  readonly privacy: Privacy;
  readonly channels: Channels;
}

// A channel that does not answer is tried again for this long, and then by the next pass; a run that lingers is billed and holds the line.
const NOTICES_MS = 60_000;
// Alerts of one moment are told together; what is to be told later than this is for the next pass.
const TOGETHER_MS = 2_000;

export interface Told {
  readonly results: readonly NoticeResult[];
  /** Alerts that no route matches. */
  readonly untold: number;
}

/** Keeps the notifier's state before a notice goes out and after. */
export async function tellAlerts(
  alerts: readonly Alert[],
  { config, journal, privacy, channels, state, keep, now, wait }: Telling,
): Promise<Told> {
  const { entries, head } = journal.view();
  const notifier = openNotifier({
    routes: config.notify,
    channels,
    state,
    keep,
    suppressions: () => suppressionsOf(entries, now()),
    keyOf: ({ key, app }) => discreetKey(key, privacy, app),
    head: () => `${head.seq}:${head.hash}`,
  });
  const results: NoticeResult[] = [];
  const end = now().getTime() + NOTICES_MS;
  const untold = notifier.offer(alerts, now().getTime()).length;
  for (;;) {
    results.push(...(await notifier.due(now().getTime())));
    const next = notifier.nextAt();
    const [left, pause] = [end - now().getTime(), (next ?? 0) - now().getTime()];
    if (next === null || pause > left || (pause > TOGETHER_MS && notifier.waiting().notices === 0)) break;
    await wait(Math.max(0, pause));
  }
  await keep(notifier.state());
  return { results, untold };
}

interface Teller {
  readonly cluster: string;
  readonly actor: string;
  readonly run: string;
  readonly now: Date;
  readonly privacy: Privacy;
}

/** An entry for each notice that was given up. */
export function givenUpDrafts(results: readonly NoticeResult[], { cluster, actor, run, now, privacy }: Teller): readonly Draft[] {
  return results.flatMap((result): readonly Draft[] => {
    if (result.kind !== "notice-failed") return [];
    // An address stands behind the colon.
    const destination = privacy.mode === "strict" ? (result.destination.split(":")[0] ?? "") : result.destination;
    const { problem, attempts, toldBy, notice } = result;
    return [
      {
        id: entryId(notice.id, `failed-${result.destination}`),
        at: now.toISOString(),
        kind: "notice.failed",
        actor,
        run,
        reason: "A notice was given up",
        data: { cluster, destination, problem, attempts, toldBy },
      },
    ];
  });
}

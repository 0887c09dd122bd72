/** Makes an alert of a drill that failed, and ends it when a drill of that kind passes: recorded first, then told. */
import { type Alert, alertDraft, type Config, type DrillRequest, drillAlert, openDrillAlerts, type Privacy } from "../domain/index.ts";
import type { Origin } from "../github/runs.ts";
import type { Channels } from "../notify/notifier.ts";
import { EMPTY_STATE } from "../notify/state.ts";
import type { Journal } from "./journal.ts";
import { givenUpDrafts, tellAlerts } from "./tell-alerts.ts";
import type { Clock } from "./wait-until.ts";

export interface DrillTelling extends Clock {
  readonly config: Config;
  readonly journal: Journal;
  readonly origin: Origin;
  readonly privacy: Privacy;
  readonly channels: Channels;
}

/** Opens an alert, unless one of an earlier failure is open still. */
export async function drillFailed(request: DrillRequest, problem: string, work: DrillTelling): Promise<void> {
  const { journal, now } = work;
  if (openDrillAlerts(request.cluster, request.tier, journal.view().entries, now()).length > 0) return;
  await record([drillAlert(request, problem, now())], request, work);
}

export async function drillPassed(request: DrillRequest, work: DrillTelling): Promise<void> {
  const { journal, now } = work;
  const open = openDrillAlerts(request.cluster, request.tier, journal.view().entries, now());
  const at = now().toISOString();
  await record(
    open.map(({ alert }) => ({ ...alert, transition: "ended", lastEventAt: at, endedAt: at })),
    request,
    work,
  );
}

async function record(alerts: readonly Alert[], { cluster }: DrillRequest, work: DrillTelling): Promise<void> {
  if (alerts.length === 0) return;
  const { journal, origin, privacy, now } = work;
  const writer = { actor: origin.actor, run: origin.run, now: now() };
  await journal.append(alerts.flatMap((alert) => alertDraft(alert, writer, privacy) ?? []));
  // A run remembers nothing: whoever would have to be told again is told by the page.
  const { results } = await tellAlerts(alerts, { ...work, state: EMPTY_STATE, keep: async () => {} });
  await journal.append(givenUpDrafts(results, { ...writer, cluster, privacy }));
}

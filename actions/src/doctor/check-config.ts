import { type Config, durationMs } from "../domain/index.ts";
import { type Facts, isUnread } from "./facts.ts";
import { type Finding, fail, pass, warn } from "./finding.ts";

const FILE = "holdfast.yml";
const HOUR_MS = 3_600_000;

/** What the configuration promises and cannot keep. */
export function checkConfig({ config }: Facts): readonly Finding[] {
  if (isUnread(config)) return [fail("config", FILE, config.unread, config.needs)];
  return [
    pass("config", FILE, "is valid"),
    config.apps.length > 0
      ? pass("apps", FILE, `watches ${config.apps.length} apps`)
      : warn("apps", FILE, "watches no app: nothing would be noticed", `Add apps to ${FILE}`),
    config.notify.length > 0
      ? pass("notify", FILE, "says who is told")
      : warn("notify", FILE, "tells nobody: an alert would wait on the page until somebody looks", `Add notify to ${FILE}`),
    config.approvals.required > 0
      ? pass("approvals-required", FILE, "lets nobody override alone")
      : warn("approvals-required", FILE, "lets one person override alone", `Set approvals.required in ${FILE}`),
    ...snapshots(config),
    config.schedule.drill === "off"
      ? warn("schedule-drill", FILE, "never proves that a backup can be restored", `Set schedule.drill: weekly in ${FILE}`)
      : pass("schedule-drill", FILE, `proves recovery ${config.schedule.drill}`),
  ];
}

function snapshots({ schedule: { snapshot }, clusters }: Config): readonly Finding[] {
  const check = "schedule-snapshot";
  if (snapshot === "off") return [fail(check, FILE, "takes no snapshot by itself", `Set schedule.snapshot in ${FILE}`)];
  const hours = snapshot === "hourly" ? 1 : snapshot === "weekly" ? 168 : 24;
  return clusters.map(({ id, objectives: { rpo } }) =>
    durationMs(rpo) >= hours * HOUR_MS
      ? pass(check, id, `is snapshotted ${snapshot}, within its objective of ${rpo}`)
      : warn(
          check,
          id,
          `is snapshotted ${snapshot}, and its objective is ${rpo}: between snapshots only the continuous range keeps the promise`,
          `Set schedule.snapshot or objectives.rpo in ${FILE}`,
        ),
  );
}

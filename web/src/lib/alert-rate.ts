import type { AlertView } from "@holdfast/actions/domain";

const DAY_MS = 86_400_000;
const DAYS = 7;

/** How often it alerts, in one sentence: too many, and nobody reads them; none, and somebody should ask why. Withdrawn ones never were. */
export function alertRate(alerts: readonly AlertView[], now: Date): string {
  const ages = alerts.filter(({ alert }) => alert.withdrawn === undefined).map(({ alert }) => now.getTime() - Date.parse(alert.openedAt));
  const today = ages.filter((age) => age < DAY_MS).length;
  const week = ages.filter((age) => age < DAYS * DAY_MS).length;
  return `${today} opened in the last 24 h, ${week} in the last ${DAYS} days (${(week / DAYS).toFixed(1)} a day).`;
}

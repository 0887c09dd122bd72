/** What an alert, the clocks of what told it, and restores tried for it say of the damage. */
import { type Alert, type CollectorHealth, type Damage, type Entry, rejectedImages } from "@holdfast/actions/domain";

export function damageOf(alert: Alert, entries: readonly Entry[], collectors: readonly CollectorHealth[]): Damage {
  const skews = collectors
    .flatMap(({ sources }) => sources)
    .filter(({ name, app }) => name === alert.source || (alert.app !== null && app === alert.app))
    .map(({ clockSkewMs }) => Math.abs(clockSkewMs ?? 0));
  return {
    first: new Date(alert.firstEventAt),
    last: new Date(alert.lastEventAt),
    // Whichever of an app's clocks is worst: any of them may have stamped the first line.
    skewMs: Math.max(0, ...skews),
    rejected: rejectedImages(entries, alert.id),
  };
}

/** A storm of alerts is one thing that happened: it takes one row, with what its alerts have in common. */
import type { AlertView } from "@holdfast/actions/domain";

// Alarm management calls more than ten alarms in ten minutes a flood that nobody can read one by one.
const FLOOD = 10;
const WITHIN_MS = 10 * 60_000;

export type AlertRow =
  | { readonly kind: "alert"; readonly newest: AlertView }
  | { readonly kind: "storm"; readonly newest: AlertView; readonly views: readonly AlertView[] };

/** `views` newest first, as they are listed; the rows keep the order of their newest alert. */
export function groupStorms(views: readonly AlertView[]): readonly AlertRow[] {
  const runs = new Map<string, AlertView[][]>();
  for (const view of views) {
    const key = JSON.stringify([view.alert.rule, view.alert.app]);
    const own = runs.get(key) ?? [];
    runs.set(key, own);
    const last = own.at(-1);
    const before = last?.at(-1);
    if (last !== undefined && before !== undefined && openedAt(before) - openedAt(view) <= WITHIN_MS) last.push(view);
    else own.push([view]);
  }
  return [...runs.values()]
    .flat()
    .flatMap((run) => rowsOf(run))
    .toSorted((a, b) => openedAt(b.newest) - openedAt(a.newest));
}

function rowsOf(run: readonly AlertView[]): readonly AlertRow[] {
  const [newest] = run;
  if (newest === undefined) return [];
  return run.length <= FLOOD ? run.map((view) => ({ kind: "alert", newest: view })) : [{ kind: "storm", newest, views: run }];
}

function openedAt({ alert }: AlertView): number {
  return Date.parse(alert.openedAt);
}

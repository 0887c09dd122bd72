/** What ledger, summary and page show of a rewind's plan: counts, columns and the first keys. Pure. */
import type { RewindPlanSummary } from "../domain/index.ts";
import { countPlan, type RewindPlan } from "./rewind/plan.ts";

// A reviewer looks at some; the ledger keeps what it is given for ever.
const KEYS_SHOWN = 20;
// What nobody answers stays as it is, so a longer list loses nothing that was there.
const QUESTIONS_SHOWN = 500;

export interface ImagesOf {
  readonly before: Date;
  readonly after: Date;
}

export function summarisePlan(plan: RewindPlan, { before, after }: ImagesOf): RewindPlanSummary {
  const { changed, returned, asked, answered } = countPlan(plan);
  return {
    digest: plan.digest,
    toldBy: plan.damage.toldBy,
    first: plan.damage.first,
    last: plan.damage.last,
    before: before.toISOString(),
    after: after.toISOString(),
    changed,
    returned,
    asked,
    answered,
    tables: plan.tables.map(({ table, keyColumns, changes, deleted, triggers }) => ({
      table,
      keyColumns: [...keyColumns],
      changes: changes.map(({ columns, keys }) => ({ columns: [...columns], ...shown(keys) })),
      returned: shown(deleted),
      triggers: triggers.map(({ name, decision }) => ({ name, decision })),
    })),
    questions: plan.questions
      .slice(0, QUESTIONS_SHOWN)
      .map(({ id, kind, table, key, columns }) => ({ id, kind, table, key: [...key], columns: [...columns] })),
    setAside: counted(plan.setAside),
    refusals: plan.refusals.map(({ table, kind, reason }) => ({ table, kind, reason })),
    notes: [...plan.notes],
  };
}

function shown(keys: readonly (readonly string[])[]) {
  return { rows: keys.length, keys: keys.slice(0, KEYS_SHOWN).map((key) => [...key]) };
}

function counted(rows: RewindPlan["setAside"]): RewindPlanSummary["setAside"] {
  const groups = new Map<string, { kind: string; table: string; rows: number }>();
  for (const { kind, table } of rows) {
    const group = groups.get(`${kind} ${table}`);
    if (group === undefined) groups.set(`${kind} ${table}`, { kind, table, rows: 1 });
    else group.rows += 1;
  }
  return [...groups.values()];
}

/** What the ledger keeps of a rewind's plan and of its outcome, for people to review: counts, keys and columns, never a value beside a key. */
import * as z from "zod/mini";

const count = z.int().check(z.minimum(0, "a whole number from 0"));
const key = z.array(z.string());

const tableSummary = z.object({
  /** `schema.table`. */
  table: z.string(),
  keyColumns: z.array(z.string()),
  /** Rows that get old values back, by the columns that do; `keys` are the first of them. */
  changes: z.array(z.object({ columns: z.array(z.string()), rows: count, keys: z.array(key) })),
  /** Deleted rows that come back whole. */
  returned: z.object({ rows: count, keys: z.array(key) }),
  triggers: z.array(z.object({ name: z.string(), decision: z.enum(["skip", "run"]) })),
});

const questionSummary = z.object({ id: z.string(), kind: z.string(), table: z.string(), key, columns: z.array(z.string()) });

export const rewindPlanSummarySchema = z.object({
  digest: z.string(),
  /** By which sign damaged rows are told from others. */
  toldBy: z.string(),
  first: z.string(),
  last: z.string(),
  before: z.string(),
  after: z.string(),
  changed: count,
  returned: count,
  asked: count,
  answered: count,
  tables: z.array(tableSummary),
  /** The first of them; `asked` counts all. */
  questions: z.array(questionSummary),
  setAside: z.array(z.object({ kind: z.string(), table: z.string(), rows: count })),
  refusals: z.array(z.object({ table: z.string(), kind: z.string(), reason: z.string() })),
  notes: z.array(z.string()),
});

export type RewindPlanSummary = z.output<typeof rewindPlanSummarySchema>;

/** What was applied, as the ledger keeps it. */
export const rewindResultSchema = z.object({
  changed: count,
  returned: count,
  removed: count,
  already: count,
  /** Rows that were written or deleted between plan and transaction, and were left as they are. */
  left: count,
  unanswered: count,
});

export type RewindResult = z.output<typeof rewindResultSchema>;

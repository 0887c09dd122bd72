/** The first job of a migration: what is pending, what each statement may do, how many rows it would touch. The database is only read. */
import type { Aurora } from "../aurora/aurora.ts";
import type { Planner } from "../database/migrations/planner.ts";
import {
  type Cluster,
  type EntryData,
  type MigrateRequest,
  planIn,
  type RecordedMigration,
  type RecordedPlan,
  type RecordedStatement,
  redact,
  shorten,
} from "../domain/index.ts";
import type { PlannedMigration, PlannedStatement } from "../migrations/judge-migration.ts";
import type { Plan } from "../migrations/make-plan.ts";
import type { Journal } from "./journal.ts";
import { isBegun, planFrom, settingsOf, standingOf } from "./migration-plan.ts";
import { Refusal } from "./outcome.ts";

export interface PlanWork {
  readonly aurora: Pick<Aurora, "cluster">;
  readonly journal: Journal;
  readonly connect: (endpoint: { readonly host: string; readonly port: number }) => Promise<Planner>;
  /** The commit whose files are planned. */
  readonly commit: string;
  /** What the job that runs the team's tool handed on. */
  readonly rendered: string;
  readonly authorsOf: (files: readonly string[]) => Promise<readonly string[]>;
}

// A page and a summary hold this many; what else a file holds is told by its number and read in the file.
const SHOWN_STATEMENTS = 100;
const SHOWN_CHARACTERS = 1_000;

/** The plan as it stands in the ledger. Throws Refusal and InvalidInput for what cannot be planned or may never run. */
export async function planMigration(request: MigrateRequest, cluster: Cluster, work: PlanWork): Promise<RecordedPlan> {
  const { journal } = work;
  const settings = settingsOf(cluster);
  const live = await work.aurora.cluster(request.cluster);
  if (!live?.endpoint) throw new Refusal(`AWS knows no endpoint of ${request.cluster}.`, "Check its id and region in holdfast.yml.");
  const planner = await work.connect(live.endpoint);
  try {
    const standing = planIn(journal.view().entries, request.requestId);
    const before = await standingOf(planner, cluster);
    // What an earlier attempt of this request did has changed the schema that it was planned on.
    const begun = isBegun(before, request.requestId);
    const schema = begun && standing !== null ? standing.schema : await planner.schema();
    const plan = await planFrom(cluster, before, schema, work.rendered, request);
    if (standing !== null) return mustBeTheSame(standing, plan);
    const authors =
      plan.migrations.length === 0 ? [] : await work.authorsOf(plan.migrations.map(({ file }) => `${settings.directory}/${file}`));
    const migrations: RecordedMigration[] = [];
    for (const migration of plan.migrations) migrations.push(await describe(migration, planner));
    const { digest, verdict, tool } = plan;
    const protection = await planner.protection();
    const about = { ...(tool === null ? {} : { tool }), ...(request.undo === undefined ? {} : { undo: request.undo }) };
    const recorded = {
      cluster: request.cluster,
      digest,
      schema,
      commit: work.commit,
      authors: [...authors],
      verdict,
      ...about,
      migrations,
    };
    // As data for the ledger: what a schema read has no other shape than JSON.
    const data: EntryData = JSON.parse(JSON.stringify({ ...recorded, protection }));
    await journal.record("planned", "plan.completed", data);
    return { ...recorded, requestId: request.requestId };
  } finally {
    await planner.close();
  }
}

/** One request has one plan: an approval must never come to mean another. */
function mustBeTheSame(standing: RecordedPlan, plan: Plan): RecordedPlan {
  if (standing.digest === plan.digest) return standing;
  throw new Refusal("Files, database or settings have changed since this request was planned.", "Ask again with a new request id.");
}

async function describe(
  { version, name, file, digest, mode, wayBack, statements }: PlannedMigration,
  planner: Planner,
): Promise<RecordedMigration> {
  const shown: RecordedStatement[] = [];
  for (const statement of statements.slice(0, SHOWN_STATEMENTS)) {
    shown.push({
      line: statement.line,
      text: shorten(redact(statement.statement), SHOWN_CHARACTERS),
      verdict: statement.verdict,
      findings: statement.findings.map((each) => ({ ...each })),
      rows: await estimate(statement, planner),
    });
  }
  const back = wayBack === undefined ? {} : { wayBack };
  return { version, name, file, digest, mode, ...back, statements: shown, more: statements.length - shown.length };
}

/** Verdicts by which a statement reaches every row of its tables. */
const WHOLE = new Set([
  "drop-table",
  "drop-column",
  "truncate",
  "narrow-type",
  "change-type",
  "rewriting-default",
  "rewrite-table",
  "set-unlogged",
]);

async function estimate({ statement, tables, findings, drops }: PlannedStatement, planner: Planner): Promise<RecordedStatement["rows"]> {
  if (findings.length === 0) return null;
  const reaching = findings.filter(({ id }) => WHOLE.has(id));
  // What a column that goes takes along is what it holds, not every row of its table.
  const [columns] = drops;
  if (columns !== undefined && reaching.every(({ id }) => id === "drop-column")) {
    const held = await planner.filled(columns);
    return held === null ? null : { ...held };
  }
  const whole = findings.some(({ id }) => WHOLE.has(id));
  const found = await planner.estimate(statement, tables, whole ? "whole" : "changed");
  return found === null ? null : { ...found };
}

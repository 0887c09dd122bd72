/** What every stage of a migration works out anew from the checkout and the database, and compares by its digest. */
import type { HistoryLine, UndoneLine } from "../database/migrations/history.ts";
import { type Cluster, InvalidInput, type MigrateRequest, type MigrationSettings, planIn, type ToolHistory } from "../domain/index.ts";
import { makePlan, type Plan } from "../migrations/make-plan.ts";
import { loadParser } from "../migrations/parser.ts";
import type { Applied } from "../migrations/pending-migration.ts";
import type { Journal } from "./journal.ts";
import { readMigrationFiles } from "./migration-files.ts";
import { Refusal } from "./outcome.ts";
import { readRendered } from "./rendered.ts";

export function settingsOf(cluster: Cluster): MigrationSettings {
  if (cluster.migrations !== undefined) return cluster.migrations;
  throw new Refusal(`holdfast.yml names no migrations of ${cluster.id}.`, "Add `migrations:` with a directory to the cluster.");
}

/** What the database says was applied to it and taken back, and what the team's tool says of it there. */
export interface Standing {
  readonly applied: readonly HistoryLine[];
  readonly undone: readonly UndoneLine[];
  readonly tool: ToolHistory;
}

interface Standings {
  history(): Promise<readonly HistoryLine[]>;
  undone(): Promise<readonly UndoneLine[]>;
  toolHistory(of: MigrationSettings): Promise<ToolHistory>;
}

export async function standingOf(database: Standings, cluster: Cluster): Promise<Standing> {
  return { applied: await database.history(), undone: await database.undone(), tool: await database.toolHistory(settingsOf(cluster)) };
}

/** Whether this request has changed the database already. */
export function isBegun({ applied, undone }: Standing, requestId: string): boolean {
  return [...applied, ...undone].some((line) => line.requestId === requestId);
}

/** Versions that this request has applied, or taken back, and is done with. */
export function doneBy({ applied, undone }: Standing, requestId: string): readonly string[] {
  return [...applied, ...undone].flatMap((line) => (line.requestId === requestId && line.state !== "running" ? [line.version] : []));
}

/**
 * A second attempt of `request` must come to the plan that the first one made, so what the first one did is left out of account. `rendered` is what
 * the job that runs the team's tool handed on; empty where there is no such tool.
 */
export async function planFrom(
  cluster: Cluster,
  standing: Standing,
  schema: string,
  rendered: string,
  { requestId, undo }: Pick<MigrateRequest, "requestId" | "undo">,
): Promise<Plan> {
  await loadParser();
  const settings = settingsOf(cluster);
  if (undo !== undefined && settings.tool !== "sql")
    throw new Refusal(
      `Holdfast takes back migrations of plain SQL only, not those of ${settings.tool}.`,
      "Restore or rewind to the second before it, from the migration's page; or write a new migration that undoes it.",
    );
  const files = await refusing(() => readMigrationFiles(settings));
  const inputs = {
    cluster: cluster.id,
    database: cluster.database,
    settings,
    protect: cluster.protect,
    checks: cluster.checks,
    files,
    rendering: readRendered(rendered),
    applied: undo === undefined ? appliedBefore(standing, requestId) : standingBefore(standing, requestId),
    own: doneBy(standing, requestId),
    history: standing.tool,
    schema,
    ...(undo === undefined ? {} : { undo }),
  };
  return refusing(async () => makePlan(inputs));
}

function appliedBefore({ applied, undone }: Standing, requestId: string): readonly Applied[] {
  const half = undone.find(({ state }) => state === "running");
  if (half !== undefined)
    throw new Refusal(
      `${half.version} is being taken back by request ${half.requestId}, and that is not known to be over.`,
      "Run that request's run again from GitHub; then ask again with a new request id.",
    );
  const taken = undone.find(({ appliedBy }) => appliedBy === requestId);
  if (taken !== undefined)
    throw new Refusal(
      `What this request had applied was taken back by request ${taken.requestId}.`,
      "Ask again with a new request id for what is pending now.",
    );
  return applied.filter((line) => line.requestId !== requestId);
}

function standingBefore({ applied, undone }: Standing, requestId: string): readonly Applied[] {
  const own = undone.filter((line) => line.requestId === requestId && line.state === "undone");
  return [...applied, ...own.map(({ version, digest }): Applied => ({ version, digest, state: "applied" }))];
}

/** What a file should not hold is a refusal: nothing broke, and nothing was done. */
async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof InvalidInput)
      throw new Refusal(error.message, "Correct it, promote the correction, and ask again with a new request id.");
    throw error;
  }
}

/** The plan that this request made; throws Refusal where there is none. */
export function mustBePlanned(journal: Journal, requestId: string) {
  const plan = planIn(journal.view().entries, requestId);
  if (plan !== null) return plan;
  throw new Refusal(`The ledger holds no plan of request ${requestId}.`, "Ask again with a new request id.");
}

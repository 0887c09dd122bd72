/** What every stage of a migration works out anew from the checkout and the database, and compares by its digest. */
import type { HistoryLine } from "../database/migrations/history.ts";
import { type Cluster, InvalidInput, type MigrationSettings, planIn } from "../domain/index.ts";
import { makePlan, type Plan } from "../migrations/make-plan.ts";
import { loadParser } from "../migrations/parser.ts";
import type { Journal } from "./journal.ts";
import { readMigrationFiles } from "./migration-files.ts";
import { Refusal } from "./outcome.ts";

export function settingsOf(cluster: Cluster): MigrationSettings {
  if (cluster.migrations !== undefined) return cluster.migrations;
  throw new Refusal(`holdfast.yml names no migrations of ${cluster.id}.`, "Add `migrations:` with a directory to the cluster.");
}

/** `requestId`'s own lines of the history are left out: a second attempt must come to the plan that the first one made. */
export async function planFrom(cluster: Cluster, history: readonly HistoryLine[], schema: string, requestId: string): Promise<Plan> {
  await loadParser();
  const settings = settingsOf(cluster);
  const files = await refusing(() => readMigrationFiles(settings.directory));
  const inputs = {
    cluster: cluster.id,
    database: cluster.database,
    settings,
    protect: cluster.protect,
    checks: cluster.checks,
    files,
    applied: history.filter((line) => line.requestId !== requestId),
    schema,
  };
  return refusing(async () => makePlan(inputs));
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

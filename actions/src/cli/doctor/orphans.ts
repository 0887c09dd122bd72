import { connectAurora } from "../../aurora/aurora.ts";
import { takeHoldings } from "../../aurora/take-inventory.ts";
import { type Config, formatDuration, type Orphan, showValue } from "../../domain/index.ts";
import { actionIo as io } from "../../runner/action-io.ts";
import { type Installation, openInstallation } from "../../workers/installation.ts";
import { orphanFinder } from "../../workers/orphan-finder.ts";
import { readConfig } from "../../workers/read-config.ts";

/** Lists what Holdfast began and never finished. It removes nothing. Exit 0 when there is none, 1 when there is some. */
export async function listOrphans(json: boolean): Promise<number> {
  const orphans = await lookForOrphans(await openInstallation(io), await readConfig());
  for (const orphan of orphans) process.stdout.write(json ? `${JSON.stringify(orphan)}\n` : describe(orphan, new Date()));
  if (orphans.length === 0)
    process.stderr.write("No orphans: everything that Holdfast made belongs to a request that completed or still runs.\n");
  return orphans.length === 0 ? 0 : 1;
}

export async function lookForOrphans(installation: Installation, config: Config): Promise<readonly Orphan[]> {
  const { entries } = await installation.ledger.read();
  const find = orphanFinder(installation, config, entries);
  const orphans: Orphan[] = [];
  for (const region of new Set(config.clusters.map((each) => each.region))) {
    const here = { ...config, clusters: config.clusters.filter((each) => each.region === region) };
    orphans.push(...(await find(await takeHoldings(connectAurora(region, undefined), here))));
  }
  return orphans;
}

function describe({ resource, id, status, createdAt, requestId, sentence, keep }: Orphan, now: Date): string {
  const age = createdAt === null ? "age unknown" : `${formatDuration(now.getTime() - Date.parse(createdAt))} old`;
  const next = keep === null ? "Nobody needs it? Dispatch cleanup.yml, or use the page: Recovery, Left over." : `Keep it: ${keep}`;
  return `${resource} ${shown(id)}: ${shown(status)}, ${age}, request ${shown(requestId)}\n  ${sentence}\n  ${next}\n`;
}

// Names and tags come from AWS; control characters in them must not reach a terminal.
function shown(text: string): string {
  return showValue(text).slice(1, -1);
}

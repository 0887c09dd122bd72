/** The heartbeat: what the collector says about itself, on disk for whoever looks there, on branch `status` for everybody else. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type CollectorHealth, collectorHealthSchema } from "../domain/index.ts";
import { pauseFor } from "./merge-sources.ts";
import { writeWhole } from "./write-whole.ts";

const FILE = "health.json";
const HEARTBEAT_MS = 60_000;
// A canary's return is waited for, so it is told sooner, but never more often than this.
const SOONEST_MS = 5_000;

export interface HeartbeatOptions {
  readonly folder: string;
  readonly view: () => Promise<CollectorHealth>;
  /** Null: there is nobody to publish it for. */
  readonly publish: ((health: CollectorHealth) => Promise<void>) | null;
  /** Whether something is to be told before its time. */
  readonly urgent: () => boolean;
  readonly say: (text: string) => void;
}

/** What the last process said; null where there is nothing that can be read. */
export async function readHealth(folder: string): Promise<CollectorHealth | null> {
  try {
    return collectorHealthSchema.parse(JSON.parse(await readFile(join(folder, FILE), "utf8")));
  } catch {
    return null;
  }
}

export async function beat({ folder, view, publish, urgent, say }: HeartbeatOptions, signal: AbortSignal): Promise<void> {
  let failed = false;
  const once = async (): Promise<void> => {
    const health = await view();
    await writeWhole(join(folder, FILE), `${JSON.stringify(health, null, 1)}\n`);
    if (publish === null) return;
    try {
      await publish(health);
      failed = false;
    } catch (error) {
      if (!failed) say(`the heartbeat cannot be published: ${error instanceof Error ? error.message : String(error)}`);
      failed = true;
    }
  };
  while (!signal.aborted) {
    await once();
    for (let waited = 0; waited < HEARTBEAT_MS && !signal.aborted; waited += SOONEST_MS) {
      await pauseFor(SOONEST_MS, signal);
      if (urgent()) break;
    }
  }
  await once();
}

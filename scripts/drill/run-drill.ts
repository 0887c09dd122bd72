/**
 * The main job without hands: snapshot, damage at a random moment while the writers never pause, restore to the second before through the same
 * dispatch a browser would make, and every row compared with a truth that was kept outside the database.
 */
import { randomUUID } from "node:crypto";
import { connect, readTables } from "../sandbox/demo-app/database.ts";
import { resetAllPasswords, resetBy } from "../sandbox/demo-app/demo-app.ts";
import { readJournal } from "../sandbox/demo-app/journal.ts";
import { compareWithTruth } from "../sandbox/demo-app/truth.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import { openCaller } from "./github-caller.ts";
import { randomFrom } from "./random-from.ts";
import { type Detection, watchDamage } from "./watch-damage.ts";

export interface DrillResult {
  readonly seed: number;
  readonly rowsTotal: number;
  readonly rowsDamaged: number;
  /** Rows of the restored cluster that are missing, foreign or different from the truth at the chosen second. */
  readonly rowsWrong: number;
  /** Good commits between the chosen second and the restore: what going back in time costs. */
  readonly goodWritesLost: number;
  /** Rows about which a person had to be asked; a restore of everything asks about none. */
  readonly rowsAsked: number;
  /** From the first damaging commit until the collector's file had the alert that it opened. */
  readonly detectSeconds: number | null;
  /** Why there is no such time. */
  readonly undetected: string | null;
  /** From the dispatch to the last check, as the wall clock saw it. */
  readonly restoreSeconds: number;
}

export type Say = (line: string) => void;

// The damage comes after some good writes, and some good writes come after it.
const BEFORE_MS = { min: 1_000, max: 4_000 } as const;
const AFTER_MS = { min: 300, max: 1_500 } as const;

/** Resets a minute that are an accident: all ten thousand customers against those who choose a new password themselves. */
const NOTICED_FROM = 500;

export async function runDrill(sandbox: Sandbox, seed: number, token: string, say: Say): Promise<DrillResult> {
  const random = randomFrom(seed);
  const between = ({ min, max }: { readonly min: number; readonly max: number }) => min + random() * (max - min);
  const caller = openCaller(sandbox.github.url, "acme/holdfast", token);
  const watch = await watchDamage(sandbox.app.log, NOTICED_FROM);
  const writer = sandbox.app.startWriter();
  try {
    const snapshotStarted = performance.now();
    await caller.run("snapshot.yml", {
      cluster: "app-prod",
      reason: `Before the damage of drill ${seed}`,
      request_id: randomUUID(),
      trigger: "manual",
      app_version: "1.0.0",
    });
    say(`Snapshot taken in ${seconds(snapshotStarted)} s, ${writer.commits()} commits written meanwhile`);

    await pause(between(BEFORE_MS));
    const damage = await damagePasswords(sandbox);
    say(`All ${damage.rows} passwords reset at ${damage.at}`);
    await pause(between(AFTER_MS));

    const time = secondBefore(damage.at);
    const target = `drill-${seed}-${randomUUID().slice(0, 8)}`;
    const restoreStarted = performance.now();
    const reason = `Drill ${seed}: back to the second before the damage`;
    await caller.run("restore.yml", { cluster: "app-prod", target, snapshot: "", time, reason, request_id: randomUUID() });
    const restoreSeconds = Number(seconds(restoreStarted));
    say(`Restored to ${time} as ${target} in ${restoreSeconds} s, ${writer.commits()} commits written so far`);

    const { wrong, total } = await compare(sandbox, target, time);
    say(`Compared ${total} rows with the truth: ${wrong} wrong`);
    const goodWritesLost = await countGoodWritesAfter(sandbox, time);
    const detection = await watch.detected({ at: damage.at, by: resetBy });
    say(tellDetection(detection));
    return {
      seed,
      rowsTotal: total,
      rowsDamaged: damage.rows,
      rowsWrong: wrong,
      goodWritesLost,
      rowsAsked: 0,
      ...detection,
      restoreSeconds,
    };
  } finally {
    await watch.stop();
    await writer.stop();
  }
}

export function tellDetection({ detectSeconds, undetected }: Detection): string {
  return detectSeconds === null ? `No alert of the damage: ${undetected}` : `Its alert was there ${detectSeconds} s after the damage`;
}

async function damagePasswords({ app }: Sandbox): Promise<{ at: string; rows: number }> {
  const client = await connect(app.database);
  try {
    const entry = await resetAllPasswords(client, app.journal, app.log);
    return { at: entry.at, rows: entry.rows.length };
  } finally {
    await client.end();
  }
}

/** The last whole second that lies before a commit. */
function secondBefore(commit: string): string {
  const whole = `${commit.slice(0, 19)}Z`;
  const exact = /\.0+Z$/.test(commit);
  return new Date(Date.parse(whole) - (exact ? 1000 : 0)).toISOString();
}

async function compare({ aws, app }: Sandbox, target: string, time: string): Promise<{ wrong: number; total: number }> {
  const client = await connect({ ...(await aws.endpoint(target)), ...aws.master });
  try {
    const actual = await readTables(client);
    const total = Object.values(actual).reduce((sum, rows) => sum + rows.length, 0);
    return { wrong: compareWithTruth(await app.truthAt(time), actual).length, total };
  } finally {
    await client.end();
  }
}

async function countGoodWritesAfter({ app }: Sandbox, time: string): Promise<number> {
  let count = 0;
  for await (const entry of readJournal(app.journal.file)) if (entry.at > time && entry.rows.length === 1) count += 1;
  return count;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function seconds(since: number): string {
  return ((performance.now() - since) / 1000).toFixed(2);
}

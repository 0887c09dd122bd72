/**
 * Snapshots and restores, each with one random fault or kill on its way, in one world: after each of them nothing is doubled, nothing is lost, its
 * end is explained, the ledger verifies by the command line that ships, and all that was said is what GitHub and AWS could have heard and answered.
 */
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { openRecordChecker } from "../../scripts/conformity/check-record.ts";
import { randomFrom } from "../../scripts/drill/random-from.ts";
import { type Faults, openFaults } from "../../scripts/sandbox/faults/arm-faults.ts";
import { type FaultName, NAMED_FAULTS } from "../../scripts/sandbox/faults/named-faults.ts";
import type { Intercept } from "../../scripts/sandbox/github/serve.ts";
import type { RecordEntry } from "../../scripts/sandbox/record.ts";
import { EMPTY_HEAD, entryId, type Head, headOf, RESTORE_STEPS, SNAPSHOT_STEPS, TAGS, verify } from "../src/domain/index.ts";
import { entryIdsIn } from "./entries-in-request.ts";
import { type MakingWorker, openWorkerWorld, type WorkerRun, type WorkerWorld } from "./worker-world.ts";

type Trouble =
  | { readonly kind: "fault"; readonly name: FaultName }
  | { readonly kind: "kill-at-step"; readonly step: string; readonly moment: "before" | "after" }
  | { readonly kind: "kill-after-ms"; readonly ms: number };

export interface RandomRuns {
  readonly runs: number;
  /** How often each kind of trouble was met, by name. */
  readonly troubles: Readonly<Record<string, number>>;
  /** How requests ended: at once, when asked for again, or badly with a reason. */
  readonly ends: Readonly<Record<"at-once" | "when-asked-again" | "explained", number>>;
  /** What did not hold; empty when everything did. */
  readonly broken: readonly string[];
  readonly entries: number;
  readonly seconds: number;
}

// Left out: what takes minutes to end, what needs a workflow's identity, and the live cluster without instances, which is refused at once.
const AT_RDS: readonly FaultName[] = ["rds-throttling", "rds-500", "rds-503", "rds-denied", "rds-hang-up", "rds-lost-answer", "rds-slow"];
const LATER: readonly FaultName[] = [
  "session-revoked",
  "github-401",
  "github-403",
  "github-404",
  "github-409",
  "github-422",
  "github-429",
  "github-secondary-limit",
  "github-502",
  "github-hang-up",
  "github-lost-answer",
  "github-slow",
];
const FAULTS: Readonly<Record<MakingWorker, readonly FaultName[]>> = {
  snapshot: [...AT_RDS, "snapshot-fails", ...LATER],
  restore: [...AT_RDS, "restore-fails", "instance-fails", ...LATER],
};
/** After these the same request can only find again what failed. */
const DEAD_ENDS: readonly FaultName[] = ["snapshot-fails", "restore-fails", "instance-fails"];
const STEPS = { snapshot: SNAPSHOT_STEPS, restore: RESTORE_STEPS } as const;
// A worker takes about half a second to start and a few to finish; a kill at any of these moments hits something.
const KILL_WITHIN_MS = 6_000;
const execute = promisify(execFile);
const CONFIG = `clusters:
  - id: app-prod
    region: eu-west-1
    database: app
    checks:
      - {name: users not empty, sql: select count(*) > 0 from users}
`;

/** Ends after `runs` requests, or with the one that is under way after `limitMs`. */
export async function runRandomly(runs: number, seed: number, limitMs: number, say: (line: string) => void): Promise<RandomRuns> {
  const random = randomFrom(seed);
  const faults = openFaults();
  const fuses = new Map<string, { readonly moment: "before" | "after"; readonly kill: () => void }>();
  const github: Intercept = (request) => {
    for (const id of entryIdsIn(request)) {
      const fuse = fuses.get(id);
      if (fuse === undefined) continue;
      fuses.delete(id);
      fuse.kill();
      return { kind: "hang-up", when: fuse.moment };
    }
    return faults.github(request);
  };
  const started = performance.now();
  const conforming = openRecordChecker();
  const asked: RecordEntry[] = [];
  const record = (entry: RecordEntry) => void asked.push(entry);
  const world = await openWorkerWorld({ config: CONFIG, aws: faults.aws, github, interceptWork: faults.work, record });
  const ledgerFolder = mkdtempSync(join(tmpdir(), "holdfast-ledger-"));
  try {
    const snapshot = await firstSnapshot(world);
    const troubles: Record<string, number> = {};
    const ends = { "at-once": 0, "when-asked-again": 0, explained: 0 };
    const broken: string[] = [];
    let head = EMPTY_HEAD;
    let done = 0;
    for (let run = 1; run <= runs && performance.now() - started < limitMs; run += 1) {
      const worker: MakingWorker = random() < 0.5 ? "snapshot" : "restore";
      const trouble = chooseTrouble(worker, random);
      const name = nameOf(trouble);
      troubles[name] = (troubles[name] ?? 0) + 1;
      const told = await tell({ world, faults, fuses, worker, trouble, snapshot });
      ends[told.end] += 1;
      done = run;
      const checked = await checkLedger(world, ledgerFolder, head);
      head = checked.head;
      const strange = asked.splice(0).flatMap(conforming);
      const found = [...told.broken, ...checked.broken, ...strange.map(({ request, problem }) => `${request}: ${problem}`)];
      broken.push(...found.map((problem) => `run ${run} of seed ${seed}, ${worker} with ${name}: ${problem}`));
      say(`${run}/${runs} ${worker} with ${name}: ${told.end}${found.length === 0 ? "" : `, BROKEN: ${found.join("; ")}`}`);
    }
    const left = { snapshots: await world.snapshotIds(), clusters: await world.clusterIds() };
    if (left.snapshots.length !== 1 || left.clusters.length !== 1) broken.push(`left over at the end: ${JSON.stringify(left)}`);
    return { runs: done, troubles, ends, broken, entries: head.seq, seconds: Math.round((performance.now() - started) / 1000) };
  } finally {
    await world.close();
    rmSync(ledgerFolder, { recursive: true, force: true });
  }
}

function chooseTrouble(worker: MakingWorker, random: () => number): Trouble {
  const pick = <T>(list: readonly T[]): T => {
    const found = list[Math.floor(random() * list.length)];
    if (found === undefined) throw new RangeError("nothing to choose from");
    return found;
  };
  const kind = random();
  if (kind < 0.5) return { kind: "fault", name: pick(FAULTS[worker]) };
  if (kind < 0.8) {
    const step: { readonly name: string } = pick<{ readonly name: string }>(STEPS[worker]);
    return { kind: "kill-at-step", step: step.name, moment: pick(["before", "after"]) };
  }
  return { kind: "kill-after-ms", ms: Math.floor(random() * KILL_WITHIN_MS) };
}

function nameOf(trouble: Trouble): string {
  if (trouble.kind === "fault") return trouble.name;
  return trouble.kind === "kill-at-step" ? `kill ${trouble.moment} ${trouble.step}` : "kill at a random moment";
}

interface Story {
  readonly world: WorkerWorld;
  readonly faults: Faults;
  readonly fuses: Map<string, { readonly moment: "before" | "after"; readonly kill: () => void }>;
  readonly worker: MakingWorker;
  readonly trouble: Trouble;
  readonly snapshot: string;
}

/** One request, from its first run with the trouble to the deletion of what it made. */
async function tell(story: Story): Promise<{ readonly end: keyof RandomRuns["ends"]; readonly broken: readonly string[] }> {
  const { world, worker, trouble } = story;
  const requestId = randomUUID();
  const broken: string[] = [];
  const first = await meetTrouble(story, requestId);
  const killed = first.code === null;
  if (!killed) broken.push(...unexplained(first));
  const deadEnd = trouble.kind === "fault" && DEAD_ENDS.includes(trouble.name);
  const last = first.code === 0 ? first : await world.run(worker, inputsOf(story, requestId));
  if (last !== first) broken.push(...unexplained(last));
  if ((last.code === 0) === deadEnd) broken.push(`ended with ${last.code}: ${last.printed.slice(0, 2_000)}`);

  const kinds = (await world.entries()).filter((entry) => entry.data.requestId === requestId).map((entry) => entry.kind);
  const steps: readonly string[] = STEPS[worker].map((step) => step.kind);
  const taken = kinds.filter((kind) => !kind.endsWith(".failed"));
  if (taken.join() !== steps.slice(0, taken.length).join() || (last.code === 0 && taken.length !== steps.length))
    broken.push(`the ledger tells ${kinds.join(", ")}`);
  if (last.code !== 0 && !kinds.at(-1)?.endsWith(".failed")) broken.push(`the ledger does not tell the end: ${kinds.join(", ")}`);

  const made = await madeFor(world, requestId);
  const expected = worker === "snapshot" ? { snapshots: 1, clusters: 0 } : { snapshots: 0, clusters: 1 };
  if (made.snapshots.length !== expected.snapshots || made.clusters.length !== expected.clusters)
    broken.push(`made ${JSON.stringify(made)}`);
  for (const id of made.snapshots) await world.letGoOfSnapshot(id);
  for (const id of made.clusters) await world.letGoOfCluster(id);
  return { end: first.code === 0 ? "at-once" : last.code === 0 ? "when-asked-again" : "explained", broken };
}

async function meetTrouble(story: Story, requestId: string): Promise<WorkerRun> {
  const { world, faults, fuses, worker, trouble } = story;
  if (trouble.kind === "fault") faults.arm(NAMED_FAULTS[trouble.name]);
  const process = world.start(worker, inputsOf(story, requestId));
  if (trouble.kind === "kill-at-step") {
    fuses.set(entryId(requestId, trouble.step), { moment: trouble.moment, kill: () => process.kill() });
  }
  const timer = trouble.kind === "kill-after-ms" ? setTimeout(() => process.kill(), trouble.ms) : undefined;
  try {
    return await process.done;
  } finally {
    clearTimeout(timer);
    faults.disarm();
    fuses.clear();
  }
}

function inputsOf({ worker, snapshot }: Story, requestId: string): Record<string, string> {
  const common = { cluster: "app-prod", reason: "A random run with trouble on its way", request_id: requestId };
  return worker === "snapshot"
    ? { ...common, trigger: "manual", app_version: "1" }
    : { ...common, target: `restored-${requestId.slice(0, 8)}`, snapshot, time: "" };
}

/** A worker that was not killed says what happened, what exists and what to do next, whatever its end. */
function unexplained({ code, printed }: WorkerRun): readonly string[] {
  if (code === 0) return [];
  const told = ["What exists now", "What to do next"].every((heading) => printed.includes(heading));
  return told || printed.includes("Nothing more was done")
    ? []
    : [`ended with ${code} without a word on what exists: ${printed.slice(0, 2_000)}`];
}

async function madeFor(world: WorkerWorld, requestId: string) {
  const mine = (tags: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[] = []) =>
    tags.some((tag) => tag.Key === TAGS.requestId && tag.Value === requestId);
  return {
    snapshots: (await world.snapshots()).flatMap((each) => (mine(each.TagList) ? [each.DBClusterSnapshotIdentifier ?? ""] : [])),
    clusters: (await world.clusters()).flatMap((each) => (mine(each.TagList) ? [each.DBClusterIdentifier ?? ""] : [])),
  };
}

/** The ledger as git has it: verified by the command line that ships, and against the head that was seen before. */
async function checkLedger(
  world: WorkerWorld,
  folder: string,
  before: Head,
): Promise<{ readonly head: Head; readonly broken: readonly string[] }> {
  const verdict = verify(await world.segments(), before.seq === 0 ? undefined : before);
  const head = verdict.ok ? headOf(verdict.entries) : before;
  const broken = verdict.ok ? [] : [`the ledger is not what it was: ${JSON.stringify(verdict.broken)}`];
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  const archive = `${folder}.tar`;
  // Never synchronously: the worlds beside this one live in the same process.
  await execute("git", ["--git-dir", world.hub.gitDir, "archive", "--output", archive, "ledger"]);
  await execute("tar", ["-x", "-f", archive, "-C", folder]);
  rmSync(archive);
  try {
    await execute(process.execPath, [join(world.checkout, "dist/holdfast.mjs"), "verify-ledger", folder]);
    return { head, broken };
  } catch (error) {
    return {
      head,
      broken: [...broken, `verify-ledger: ${error instanceof Error && "stdout" in error ? String(error.stdout) : String(error)}`],
    };
  }
}

async function firstSnapshot(world: WorkerWorld): Promise<string> {
  const inputs = { cluster: "app-prod", reason: "For the restores to come", request_id: randomUUID(), trigger: "manual", app_version: "1" };
  const taken = await world.run("snapshot", inputs);
  const [id] = await world.snapshotIds();
  if (taken.code !== 0 || id === undefined) throw new Error(taken.printed);
  return id;
}

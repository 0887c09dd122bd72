/**
 * `npm run bench -- --rewind-drills N`: as many rewinds after random damage, in several sandboxes beside each other. Each drill is told as it ends,
 * and every one that was not clean is named with its seed. Ctrl-C gives up the drills under way and tells what was measured until then.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import type { DrillResult } from "../drill/run-drill.ts";
import { runRewind } from "../drill/run-rewind.ts";
import { readAccess } from "../sandbox/access.ts";
import { type Sandbox, startSandbox } from "../sandbox/sandbox.ts";
import { copyPromoted, promoteIn } from "../testing/promote-in.ts";

export interface RewindDrillOptions {
  readonly rewindDrills: number;
  readonly worlds: number;
  /** Of the first drill; each next one has the next. */
  readonly seed: number;
  /** After so long no further drill is begun. */
  readonly minutes: number;
  readonly say: (line: string) => void;
}

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** The problem is that of a drill which did not come to its end. */
type Outcome = { readonly seed: number; readonly result: DrillResult } | { readonly seed: number; readonly problem: string };

/** Whether all that were asked for have run, and every one was clean. */
export async function benchRewindDrills(options: RewindDrillOptions): Promise<boolean> {
  const { rewindDrills, worlds, seed, minutes, say } = options;
  const interrupted = new AbortController();
  const interrupt = (): void => interrupted.abort();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, interrupt);
  const aborted = new Promise<null>((resolve) => interrupted.signal.addEventListener("abort", () => resolve(null), { once: true }));
  const folder = await mkdtemp(join(tmpdir(), "holdfast-rewind-drills-"));
  const started = performance.now();
  const outcomes: Outcome[] = [];
  try {
    say("Promoting main, once for all sandboxes");
    await promoteIn(join(folder, "promoted"));
    let next = 0;
    const take = (): number | null => {
      const over = interrupted.signal.aborted || performance.now() - started > minutes * 60_000;
      return over || next >= rewindDrills ? null : seed + next++;
    };
    const tell = (outcome: Outcome): void => {
      outcomes.push(outcome);
      say(`${outcomes.length}/${rewindDrills} ${lineOf(outcome)}`);
    };
    const each = Array.from({ length: Math.min(worlds, rewindDrills) }, (_, at) =>
      drillIn({ folder, name: `world-${at + 1}`, take, tell, say, aborted }),
    );
    // A world that could not even start must not leave the others running unwatched.
    const ends = await Promise.allSettled(each);
    for (const end of ends) if (end.status === "rejected") say(`A sandbox ended: ${String(end.reason)}`);
  } finally {
    for (const name of ["SIGINT", "SIGTERM"] as const) process.off(name, interrupt);
    await rm(join(folder, "promoted"), { recursive: true, force: true });
  }
  const clean = outcomes.filter(isClean).length;
  const seconds = Math.round((performance.now() - started) / 1000);
  process.stdout.write(table(options, outcomes, seconds));
  if (clean === outcomes.length) await rm(folder, { recursive: true, force: true });
  return clean === rewindDrills;
}

interface Share {
  readonly folder: string;
  readonly name: string;
  /** The seed of the next drill, null once there is none to begin. */
  readonly take: () => number | null;
  readonly tell: (outcome: Outcome) => void;
  readonly say: (line: string) => void;
  /** Settles when somebody gives up. */
  readonly aborted: Promise<null>;
}

/** A sandbox for each drill, one after another until nothing is left to do: the runs of more would use up the requests that GitHub grants a repository in an hour. A drill that was not clean keeps its sandbox's folder. */
async function drillIn(share: Share): Promise<void> {
  let seed = share.take();
  for (let number = 1; seed !== null; number += 1, seed = share.take()) {
    const state = join(share.folder, `${share.name}-${number}`);
    await copyPromoted(join(share.folder, "promoted"), state);
    const sandbox = await startSandbox({ state, checkout: ROOT, reviewers: { rewind: ["bob"], preventSelfReview: true } });
    const said: string[] = [];
    const drill = outcomeOf(
      seed,
      drillOnce(sandbox, state, seed, (line) => said.push(line)),
    );
    const outcome = await Promise.race([drill, share.aborted]).finally(() => sandbox.close());
    if (outcome === null) {
      await drill;
      return;
    }
    share.tell(outcome);
    if (isClean(outcome)) await rm(state, { recursive: true, force: true });
    else for (const line of [...said, `Everything its sandbox knew is kept in ${state}`]) share.say(`  seed ${seed}: ${line}`);
  }
}

async function drillOnce(sandbox: Sandbox, state: string, seed: number, say: (line: string) => void): Promise<DrillResult> {
  const { tokens } = await readAccess(state, sandbox.github);
  return runRewind(sandbox, seed, tokens, say);
}

async function outcomeOf(seed: number, drill: Promise<DrillResult>): Promise<Outcome> {
  try {
    return { seed, result: await drill };
  } catch (error) {
    return { seed, problem: inspect(error) };
  }
}

const isClean = (outcome: Outcome): boolean => "result" in outcome && outcome.result.rowsWrong === 0 && outcome.result.goodWritesLost === 0;

function lineOf(outcome: Outcome): string {
  if ("problem" in outcome) return `seed ${outcome.seed}: BROKEN: ${outcome.problem.slice(0, 2_000)}`;
  const { seed, rowsDamaged, rowsWrong, goodWritesLost, rowsAsked, restoreSeconds, ...rest } = outcome.result;
  const detection = rest.detectSeconds === null ? `no alert (${rest.undetected})` : `detectSeconds ${rest.detectSeconds}`;
  const measured = `rowsDamaged ${rowsDamaged}, rowsWrong ${rowsWrong}, goodWritesLost ${goodWritesLost}, rowsAsked ${rowsAsked}, ${detection}, restoreSeconds ${restoreSeconds}`;
  return `seed ${seed}: ${measured}${isClean(outcome) ? "" : ", NOT CLEAN"}`;
}

function table({ rewindDrills, worlds, minutes, seed }: RewindDrillOptions, outcomes: readonly Outcome[], seconds: number): string {
  if (outcomes.length === 0) return `\nNo drill ended within ${seconds} s; nothing was measured.\n`;
  const results = outcomes.flatMap((outcome) => ("result" in outcome ? [outcome.result] : []));
  const total = (count: (result: DrillResult) => number) => results.reduce((sum, result) => sum + count(result), 0);
  const spread = (values: readonly number[]) => {
    const sorted = values.toSorted((a, b) => a - b);
    const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
    return `${at(0.5)} s, ${at(0.95)} s`;
  };
  const noticed = results.flatMap(({ detectSeconds }) => detectSeconds ?? []);
  const clean = outcomes.filter(isClean).length;
  const broken = outcomes.filter((outcome) => !isClean(outcome));
  return `\n## Rewinds after random damage

\`npm run bench -- --rewind-drills ${rewindDrills} --worlds ${worlds} --minutes ${minutes} --seed ${seed}\` (${cpus().length} cores, Node ${process.versions.node})

| | |
|---|---|
| Drills | ${outcomes.length} of ${rewindDrills}, in ${Math.min(worlds, rewindDrills)} sandboxes beside each other |
| Rows damaged, asked about | ${total((each) => each.rowsDamaged)}, ${total((each) => each.rowsAsked)} |
| Rows wrong, good writes lost | ${total((each) => each.rowsWrong)}, ${total((each) => each.goodWritesLost)} |
| From the damage to its alert, in ${noticed.length} of them: median, 95th percentile | ${spread(noticed)} |
| From the first plan to the last row brought back: median, 95th percentile | ${spread(results.map(({ restoreSeconds }) => restoreSeconds))} |
| Wall clock | ${seconds} s |

${clean} of ${outcomes.length} with rowsWrong 0 and goodWritesLost 0${broken.length === 0 ? "" : `; not clean: ${broken.map((outcome) => `seed ${outcome.seed}`).join(", ")}`}
`;
}

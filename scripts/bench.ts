/**
 * `npm run bench`: 500 requests with a random fault or kill each, twenty drills, and a hundred rewinds after random damage, in the sandbox; the
 * figures as docs/benchmarks.md holds them. With one or more of `--runs`, `--drills` and `--rewind-drills`, those alone. With `--detect`, the replay of logs
 * instead; with `--rewind`, damaged rows taken back in a large table; with `--migrations`, 500 random migrations; with `--guard`, what guards cost. The bundles have to be built; it builds nothing, so that what was tested is what is measured.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type RandomRuns, runRandomly } from "../actions/e2e/random-runs.ts";
import { benchGuard } from "./bench/guard.ts";
import { benchMigrations } from "./bench/migrations.ts";
import { benchReplay } from "./bench/replay.ts";
import { benchRewind } from "./bench/rewind.ts";
import { benchRewindDrills } from "./bench/rewind-drills.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const BUNDLES = fileURLToPath(new URL("../actions/dist", import.meta.url));
const EXIT = { done: 0, failed: 1, usage: 2 } as const;

interface Options {
  readonly runs: number;
  readonly worlds: number;
  readonly drills: number;
  readonly rewindDrills: number;
  /** After so long no further request is begun. */
  readonly minutes: number;
  readonly seed: number;
  readonly detect: boolean;
  readonly rewind: boolean;
  readonly migrations: boolean;
  readonly guard: boolean;
  /** Of the table that is rewound, and how many of them are damaged. */
  readonly rows: number;
  readonly damaged: number;
  /** Of each log that is replayed. */
  readonly lines: readonly number[];
  readonly flood: number;
  readonly rounds: number;
}

function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      runs: { type: "string" },
      // Workers mostly wait, a second between two writes as GitHub asks, so several worlds fit beside each other.
      worlds: { type: "string", default: "4" },
      drills: { type: "string" },
      "rewind-drills": { type: "string" },
      minutes: { type: "string", default: "180" },
      seed: { type: "string", default: String(Math.floor(Math.random() * 1_000_000)) },
      detect: { type: "boolean", default: false },
      rewind: { type: "boolean", default: false },
      migrations: { type: "boolean", default: false },
      guard: { type: "boolean", default: false },
      rows: { type: "string", default: "1000000" },
      damaged: { type: "string", default: "5000" },
      lines: { type: "string", default: "500000,5000000" },
      flood: { type: "string", default: "500000" },
      rounds: { type: "string", default: "5" },
    },
  });
  const sizes = values.lines.split(",").map(Number);
  if (!sizes.every((size) => Number.isSafeInteger(size) && size >= 10_000))
    throw new RangeError(`--lines is ${JSON.stringify(values.lines)}; allowed: whole numbers from 10000, separated by commas`);
  const whole = (name: keyof typeof values, least: number, text = values[name]) => {
    const number = Number(text);
    if (!Number.isSafeInteger(number) || number < least)
      throw new RangeError(`--${name} is ${JSON.stringify(text)}; allowed: a whole number from ${least}`);
    return number;
  };
  const everything = values.runs === undefined && values.drills === undefined && values["rewind-drills"] === undefined;
  const series = (name: "runs" | "drills" | "rewind-drills", usual: number) =>
    whole(name, 0, values[name] ?? String(everything ? usual : 0));
  return {
    runs: series("runs", 500),
    worlds: whole("worlds", 1),
    drills: series("drills", 20),
    rewindDrills: series("rewind-drills", 100),
    minutes: whole("minutes", 1),
    seed: whole("seed", 0),
    detect: values.detect,
    rewind: values.rewind,
    migrations: values.migrations,
    guard: values.guard,
    rows: whole("rows", 10_000),
    // Good writers change some hundred of them afterwards; the damage has to stand out.
    damaged: whole("damaged", 1_000),
    lines: sizes,
    flood: whole("flood", 0),
    rounds: whole("rounds", 1),
  };
}

const started = performance.now();
function say(line: string): void {
  process.stderr.write(`${((performance.now() - started) / 1000).toFixed(0).padStart(6)} s  ${line}\n`);
}

async function randomRuns({ runs, worlds, minutes, seed }: Options): Promise<boolean> {
  if (runs === 0) return true;
  const shares = Array.from({ length: Math.min(worlds, runs) }, (_, at) => Math.floor(runs / worlds) + (at < runs % worlds ? 1 : 0));
  const told = await Promise.all(
    shares
      .filter((share) => share > 0)
      .map((share, at) => runRandomly(share, seed + at, minutes * 60_000, (line) => say(`world ${at + 1}: ${line}`))),
  );
  const broken = told.flatMap((each) => each.broken);
  const total = (count: (each: RandomRuns) => number) => told.reduce((sum, each) => sum + count(each), 0);
  const troubles = new Map<string, number>();
  for (const [name, count] of told.flatMap((each) => Object.entries(each.troubles))) troubles.set(name, (troubles.get(name) ?? 0) + count);
  const faults = [...troubles].sort(([a], [b]) => a.localeCompare(b)).map(([name, count]) => `${name} ${count}`);
  process.stdout.write(`\n## Requests with a random fault or kill each

\`npm run bench -- --runs ${runs} --worlds ${worlds} --minutes ${minutes} --seed ${seed}\` (${cpus().length} cores, Node ${process.versions.node})

| | |
|---|---|
| Requests | ${total((each) => each.runs)} of ${runs} in ${told.length} worlds |
| Completed at once | ${total((each) => each.ends["at-once"])} |
| Completed when asked for again | ${total((each) => each.ends["when-asked-again"])} |
| Ended with an explanation, because what AWS made had failed | ${total((each) => each.ends.explained)} |
| Doubled, lost, unexplained or not verifying | ${broken.length} |
| Ledger entries | ${total((each) => each.entries)} |
| Wall clock | ${Math.max(...told.map((each) => each.seconds))} s |

Troubles met: ${faults.join(", ")}.
`);
  for (const line of broken) process.stdout.write(`\nBROKEN: ${line}\n`);
  return broken.length === 0 && total((each) => each.runs) === runs;
}

interface Drill {
  readonly rowsWrong: number;
  readonly restoreSeconds: number;
  readonly ok: boolean;
}

async function drills({ drills: times, seed }: Options): Promise<boolean> {
  if (times === 0) return true;
  const command = ["run", "--silent", "drill", "--", "--json", "--times", String(times), "--seed", String(seed)];
  const child = spawn("npm", command, { cwd: ROOT, stdio: ["ignore", "pipe", "inherit"] });
  const printed: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => printed.push(chunk));
  await new Promise<void>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", () => resolve());
  });
  const results: readonly Drill[] = Buffer.concat(printed)
    .toString()
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line));
  const took = results.map((each) => each.restoreSeconds).sort((a, b) => a - b);
  const at = (share: number) => took[Math.min(took.length - 1, Math.floor(took.length * share))] ?? Number.NaN;
  process.stdout.write(`\n## Drills

\`npm run drill -- --times ${times} --seed ${seed}\`

| | |
|---|---|
| Drills | ${results.length} of ${times} |
| Right in every row | ${results.filter((each) => each.ok).length} |
| Rows wrong in all | ${results.reduce((sum, each) => sum + each.rowsWrong, 0)} |
| Restore, median | ${at(0.5)} s |
| Restore, 95th percentile | ${at(0.95)} s |
`);
  return results.length === times && results.every((each) => each.ok);
}

async function rewindDrills(options: Options): Promise<boolean> {
  return options.rewindDrills === 0 || benchRewindDrills({ ...options, say });
}

/** Whether each of what was measured came out as it has to. */
async function measure(options: Options): Promise<readonly boolean[]> {
  if (options.detect) return [await benchReplay({ ...options, sizes: options.lines, say })];
  if (options.rewind) return [await benchRewind({ ...options, say })];
  if (options.migrations) return [await benchMigrations(options.runs, options.seed)];
  if (options.guard) return [await benchGuard({ ...options, say })];
  return [await randomRuns(options), await drills(options), await rewindDrills(options)];
}

try {
  const options = readOptions(process.argv.slice(2));
  if (!existsSync(BUNDLES)) throw new Error("There are no workers in actions/dist; run npm run build first");
  say(`Seed ${options.seed}`);
  const right = await measure(options);
  process.exitCode = right.every(Boolean) ? EXIT.done : EXIT.failed;
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof TypeError || error instanceof RangeError ? EXIT.usage : EXIT.failed;
}

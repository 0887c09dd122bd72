/** `npm run bench -- --detect`: a replay by the built command line beside ripgrep counting the same lines, in turns, and a flood of distinct keys. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { PATTERNS } from "./log-lines.ts";
import { measure, median, type Run } from "./measure.ts";
import { writeFlood, writeLog } from "./write-log.ts";

const BUNDLE = fileURLToPath(new URL("../../actions/dist/holdfast.mjs", import.meta.url));

export interface ReplayOptions {
  /** Lines of each log. */
  readonly sizes: readonly number[];
  /** Distinct addresses of the flood; 0 leaves it out. */
  readonly flood: number;
  readonly rounds: number;
  readonly seed: number;
  readonly say: (line: string) => void;
}

/** Whether every alert set was exactly the planted one; the table goes to stdout. */
export async function benchReplay(options: ReplayOptions): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-bench-"));
  try {
    return await benchIn(folder, options);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function benchIn(folder: string, { sizes, flood, rounds, seed, say }: ReplayOptions): Promise<boolean> {
  const patterns = join(folder, "patterns");
  const log = join(folder, "app.log");
  writeFileSync(patterns, `${PATTERNS.join("\n")}\n`);
  const ripgrep = spawnSync("rg", ["--version"]).status === 0;
  const config = join(folder, "holdfast.yml");
  writeFileSync(config, manyRules());
  const rows: string[] = [];
  let right = true;
  for (const lines of sizes) {
    const planted = writeLog(log, lines, seed).join("\n");
    const ours: Run[] = [];
    const many: Run[] = [];
    const theirs: Run[] = [];
    for (let round = 1; round <= rounds; round++) {
      ours.push(await measure(process.execPath, ["--max-old-space-size=64", BUNDLE, "detect", "--json", log]));
      many.push(await measure(process.execPath, ["--max-old-space-size=64", BUNDLE, "detect", "--config", config, "--json", log]));
      if (ripgrep) theirs.push(await measure("rg", ["-c", "-f", patterns, log]));
      say(
        `${lines} lines, round ${round} of ${rounds}: ${ours.at(-1)?.seconds.toFixed(2)} s, rg ${theirs.at(-1)?.seconds.toFixed(2) ?? "not there"} s`,
      );
    }
    const exact = [...ours, ...many].every((run) => alertsIn(run.output) === planted);
    right &&= exact;
    rows.push(row(`\`holdfast detect\`, ${exact ? "alerts as planted" : "WRONG ALERTS: does not count"}`, lines, ours));
    rows.push(row("the same with seventy rules", lines, many));
    rows.push(ripgrep ? row("`rg -c`, 7 patterns", lines, theirs) : `| \`rg -c\` | ${lines} | not on this machine | | | |`);
  }
  if (flood > 0) {
    writeFlood(log, flood);
    rows.push(
      row("`holdfast detect`, every line a new address", flood, [await measure(process.execPath, [BUNDLE, "detect", "--json", log])]),
    );
  }
  process.stdout.write(`\n## Replaying logs

\`npm run bench -- --detect --lines ${sizes.join(",")} --flood ${flood} --rounds ${rounds} --seed ${seed}\` (${cpus().length} cores, Node ${process.versions.node}; medians, in turns; SEC and fail2ban were not run)

| | Lines | Wall clock | Processor | Lines a processor second | Peak |
|---|---|---|---|---|---|
${rows.join("\n")}
`);
  return right;
}

// With the rules that are on by default, seventy in all; thresholds that nothing in these logs reaches.
const OWN_RULES = 59;

function manyRules(): string {
  const kinds = ["auth-failed", "password-changed", "user-created", "row-deleted"];
  const keys = ["ip", "actor", "none"];
  const rules = Array.from({ length: OWN_RULES }, (_, index) => {
    const [kind, key] = [kinds[index % kinds.length], keys[index % keys.length]];
    return `  own-${index}: {count: [${kind}], key: ${key}, threshold: ${90_000 + index}, within: 60s, severity: LOW, explanation: One of many}`;
  });
  return `clusters: [{id: app-prod, region: eu-west-1, database: app}]\napps: [{name: web, cluster: app-prod}]\nrules:\n${rules.join("\n")}\n`;
}

function row(name: string, lines: number, runs: readonly Run[]): string {
  const cpu = median(runs.map((run) => run.cpuSeconds));
  const wall = median(runs.map((run) => run.seconds));
  const peak = Math.max(...runs.map((run) => run.peakMiB));
  return `| ${name} | ${lines} | ${wall.toFixed(2)} s | ${cpu.toFixed(2)} s | ${(lines / cpu / 1e6).toFixed(2)} M | ${peak.toFixed(0)} MiB |`;
}

function alertsIn(output: string): string {
  const alerts: readonly { readonly rule: string; readonly key: string }[] = output
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
  return alerts
    .map(({ rule, key }) => `${rule} ${key}`)
    .sort()
    .join("\n");
}

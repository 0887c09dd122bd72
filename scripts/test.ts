/**
 * `npm test`: finds or installs the browser, builds what the tests run, runs every suite, and ends with one line that sums them up.
 * `-- --slow-day` delays and reorders every answer of the stand-ins; other words choose suites by their path.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findBrowser } from "./browser.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

function run(title: string, command: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): number {
  console.log(`\n— ${title}`);
  return spawnSync(command, args, { cwd: ROOT, stdio: "inherit", env }).status ?? 1;
}

// As on a slow day: every answer of the stand-ins 300 to 600 ms late, so that answers overtake each other.
const SLOW_DAY = "--slow-day";
const SLOW_ANSWER_MS = "300";
const filters = process.argv.slice(2).filter((word) => word !== SLOW_DAY);
const slow = process.argv.includes(SLOW_DAY) ? { SANDBOX_ANSWER_DELAY_MS: SLOW_ANSWER_MS } : {};
const browser = findBrowser((line) => console.log(line));
if (run("Build the workers and the page", "npm", ["run", "build", "--silent"]) !== 0) {
  console.error("The build failed; the tests run what it makes, so none was run.");
  process.exit(1);
}

const results = mkdtempSync(join(tmpdir(), "holdfast-test-"));
const report = join(results, "report.json");
const exit = run(
  "Run every suite",
  "npx",
  ["--no-install", "vitest", "run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`, ...filters],
  { ...process.env, ...slow, HOLDFAST_BROWSER: browser },
);

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numFailedTestSuites: number;
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly unknown[] }[];
}

let counted: Report;
try {
  counted = JSON.parse(readFileSync(report, "utf8"));
} catch {
  console.error("vitest ended without a report; see above for why.");
  process.exit(1);
} finally {
  rmSync(results, { recursive: true, force: true });
}
// A file that could not even be loaded holds no test that could fail, and must not count as none.
const unloaded = counted.testResults.filter((file) => file.status === "failed" && file.assertionResults.length === 0).length;
const failed = counted.numFailedTests + unloaded;
const skipped = counted.numPendingTests > 0 ? `, ${counted.numPendingTests} skipped` : "";
console.log(`${counted.numPassedTests} passed, ${failed} failed${skipped}`);
process.exitCode = exit !== 0 || failed > 0 ? 1 : 0;

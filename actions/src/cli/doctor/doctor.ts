import { parseArgs } from "node:util";
import { examine } from "../../doctor/examine.ts";
import type { Known } from "../../doctor/facts.ts";
import { type Finding, VERDICTS } from "../../doctor/finding.ts";
import { type Config, visible } from "../../domain/index.ts";
import { actionIo as io } from "../../runner/action-io.ts";
import { openInstallation } from "../../workers/installation.ts";
import { readConfig } from "../../workers/read-config.ts";
import { jsonLine, print } from "../print.ts";
import { readHead } from "../read-head.ts";
import { listOrphans, lookForOrphans } from "./orphans.ts";
import { readFacts } from "./read-facts.ts";

// What GitHub's own tokens for jobs begin with.
const JOB_TOKEN = "ghs_";

/**
 * Examines the whole installation by API and prints every finding, worst first, with what mends it. It changes nothing. Exit 0 without a fail, 1
 * with one. `--orphans` lists instead what was begun and never finished.
 */
export async function doctor(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      orphans: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      config: { type: "string" },
      role: { type: "string", multiple: true, default: [] },
      head: { type: "string" },
    },
  });
  if (values.orphans) return listOrphans(values.json);
  const remembered = values.head === undefined ? null : readHead(values.head);
  const installation = await openInstallation(io);
  const facts = await readFacts({
    ...installation,
    ofJob: (io.input("token") || process.env.GITHUB_TOKEN || "").startsWith(JOB_TOKEN),
    config: await configOf(values.config),
    roleFiles: values.role,
    remembered,
    countOrphans: async (config) => (await lookForOrphans(installation, config)).length,
    now: new Date(),
  });
  const findings = examine(facts).toSorted((a, b) => VERDICTS.indexOf(a.verdict) - VERDICTS.indexOf(b.verdict));
  for (const finding of findings) await print(values.json ? jsonLine(finding) : describe(finding));
  const count = (verdict: Finding["verdict"]) => findings.filter((finding) => finding.verdict === verdict).length;
  process.stderr.write(`${count("fail")} failed, ${count("warning")} warnings, ${count("pass")} passed\n`);
  return count("fail") === 0 ? 0 : 1;
}

/** A configuration that does not hold is the first finding, and no reason to look at nothing else. */
async function configOf(file: string | undefined): Promise<Known<Config>> {
  try {
    return await readConfig(file);
  } catch (error) {
    return {
      unread: error instanceof Error ? error.message : String(error),
      needs: "Correct it; npx --no-install holdfast config tells every problem",
    };
  }
}

function describe({ verdict, on, check, says, fix }: Finding): string {
  const line = `${verdict.padEnd(8)}${shown(on)} ${shown(says)} [${check}]\n`;
  return fix === null ? line : `${line}        → ${shown(fix)}\n`;
}

// Names come from GitHub and AWS; control characters in them must not reach a terminal.
function shown(text: string): string {
  return text.split("\n").map(visible).join("\n        ");
}

/** `npx holdfast <verb>`: one command line. Data on stdout, talk on stderr; exit 0 done, 1 failed, 2 wrong usage or configuration. */
import { InvalidInput } from "../domain/index.ts";

// Each is loaded when it is asked for: a replay of logs needs neither AWS nor a parser of SQL.
const VERBS = {
  collect: {
    usage: "collect [--once] [--file F]…",
    about: "follow the logs of every app, record what is found, tell people and the ledger (--config, --state, --logs, --alerts, --stdin)",
    run: async (args) => (await import("./collect.ts")).collect(args),
  },
  "verify-ledger": {
    usage: "verify-ledger DIR",
    about: "check a checkout of branch ledger: shapes, numbers, hashes, chain",
    run: async (args) => (await import("./verify-ledger.ts")).verifyLedger(args),
  },
  config: {
    usage: "config [FILE] [--json]",
    about: "check holdfast.yml (every problem at once) and print what is in force",
    run: async (args) => (await import("./check-config.ts")).checkConfig(args),
  },
  lint: {
    usage: "lint FILE… [--json] [--fail-on VERDICT]",
    about: "say what each statement of a migration may destroy, lock or rewrite, why, and a safer way; needs no database",
    run: async (args) => (await import("./lint.ts")).lint(args),
  },
  guard: {
    usage: "guard --table SCHEMA.TABLE… --max-rows N [--max-percent P] [--window 60s]",
    about:
      "print the migration that installs guards against mass changes (or --lost-updates --version-column C), takes them away (--remove), or lets meant work pass (--override)",
    run: async (args) => (await import("./guard.ts")).guard(args),
  },
  retention: {
    usage: "retention --snapshots FILE --now TIME [--config FILE] [--json]",
    about: "say which snapshots stay and which may go, with every reason; deletes nothing",
    run: async (args) => (await import("./retention.ts")).retention(args),
  },
  detect: {
    usage: "detect FILE… [--events]",
    about: "replay log files through the rules: an alert a line, or every event; --config FILE, --json",
    run: async (args) => (await import("./detect.ts")).detect(args),
  },
  tune: {
    usage: "tune FILE… [--json]",
    about: "propose thresholds from past logs, with the alerts that each choice would have raised; --config FILE",
    run: async (args) => (await import("./tune.ts")).tune(args),
  },
  notify: {
    usage: "notify --test [--json]",
    about: "send a test notice to everyone whom notify in holdfast.yml names, and say whether it arrived; --config FILE",
    run: async (args) => (await import("./notify.ts")).notify(args),
  },
  "contract-check": {
    usage: "contract-check URL --login URL --user NAME --hash SCHEME --log FILE",
    about:
      "prove that a backend restores passwords as it must: hashes what is plain, keeps what is a hash, logs neither; --login-form for a login by form",
    run: async (args) => (await import("./contract-check.ts")).contractCheck(args),
  },
  doctor: {
    usage: "doctor [--role FILE]… [--head SEQ:HASH] [--json]",
    about:
      "examine the installation at GitHub and AWS: each finding with what mends it; exit 1 with any fail; --orphans: what was never finished",
    run: async (args) => (await import("./doctor/doctor.ts")).doctor(args),
  },
} as const satisfies Record<string, { usage: string; about: string; run: (args: string[]) => Promise<number> }>;

// What a verb does stands below its usage: no column is wide enough for the longest one.
const USAGE = `Usage: holdfast <verb>\n\n${Object.values(VERBS)
  .map(({ usage, about }) => `  ${usage}\n      ${about}`)
  .join("\n")}\n`;

const EXIT_USAGE = 2;

async function main(args: readonly string[]): Promise<number> {
  const [verb, ...rest] = args;
  if (verb === undefined || verb === "--help" || verb === "-h" || verb === "help") {
    process.stdout.write(USAGE);
    return verb === undefined ? EXIT_USAGE : 0;
  }
  if (!isVerb(verb)) {
    process.stderr.write(`holdfast: unknown verb ${JSON.stringify(verb)}; allowed: ${Object.keys(VERBS).join(", ")}\n`);
    return EXIT_USAGE;
  }
  try {
    return await VERBS[verb].run(rest);
  } catch (error) {
    process.stderr.write(`holdfast ${verb}: ${error instanceof Error ? error.message : String(error)}\n`);
    return error instanceof InvalidInput || error instanceof TypeError || error instanceof RangeError ? EXIT_USAGE : 1;
  }
}

function isVerb(text: string): text is keyof typeof VERBS {
  return Object.hasOwn(VERBS, text);
}

process.exitCode = await main(process.argv.slice(2));

/** `npm run drill`: the main job end to end, or with --rewind the damaged rows alone, without hands, and proof that every row is right. */
import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { checkLedger } from "./drill/ledger-checkout.ts";
import { type DrillResult, runDrill } from "./drill/run-drill.ts";
import { runRewind } from "./drill/run-rewind.ts";
import { readAccess } from "./sandbox/access.ts";
import { startSandbox } from "./sandbox/sandbox.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const EXIT = { done: 0, failed: 1, usage: 2 } as const;

interface Options {
  readonly json: boolean;
  readonly rewind: boolean;
  readonly seed: number;
  readonly times: number;
  readonly record: string | undefined;
  readonly ledgerOut: string | undefined;
}

function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      json: { type: "boolean", default: false },
      rewind: { type: "boolean", default: false },
      seed: { type: "string" },
      times: { type: "string", default: "1" },
      record: { type: "string" },
      "ledger-out": { type: "string" },
    },
  });
  const whole = (name: string, text: string, least: number) => {
    const number = Number(text);
    if (!Number.isSafeInteger(number) || number < least)
      throw new RangeError(`--${name} is ${JSON.stringify(text)}; allowed: a whole number from ${least}`);
    return number;
  };
  return {
    json: values.json,
    rewind: values.rewind,
    seed: values.seed === undefined ? Math.floor(Math.random() * 1_000_000) : whole("seed", values.seed, 0),
    times: whole("times", values.times, 1),
    record: values.record,
    ledgerOut: values["ledger-out"],
  };
}

async function drill(options: Options): Promise<boolean> {
  const started = performance.now();
  const say = (line: string) => process.stderr.write(`${((performance.now() - started) / 1000).toFixed(1).padStart(6)} s  ${line}\n`);
  const folder = await mkdtemp(join(tmpdir(), "holdfast-drill-"));
  const record = options.record === undefined ? null : createWriteStream(options.record, { flags: "a", mode: 0o600 });
  const sandbox = await startSandbox({
    state: join(folder, "state"),
    checkout: ROOT,
    seed: options.seed,
    reviewers: { rewind: ["bob"], preventSelfReview: true },
    say,
    ...(record === null ? {} : { record: (entry) => void record.write(`${JSON.stringify(entry)}\n`) }),
  });
  let finished = false;
  try {
    say("Promoting main to production");
    await sandbox.promote();
    const { tokens } = await readAccess(join(folder, "state"), sandbox.github);
    let allRight = true;
    for (let seed = options.seed; seed < options.seed + options.times; seed += 1) {
      say(`Drill with seed ${seed}`);
      const result = options.rewind ? await runRewind(sandbox, seed, tokens, say) : await runDrill(sandbox, seed, tokens.operator, say);
      const ledger = await checkLedger(
        sandbox.github.gitDir,
        options.ledgerOut ? resolve(options.ledgerOut) : join(folder, `ledger-${seed}`),
        join(folder, "production"),
      );
      say(`Ledger ${ledger.said}`);
      // A restore of everything loses the good writes since; a rewind may lose none.
      const ok = result.rowsWrong === 0 && ledger.ok && (!options.rewind || result.goodWritesLost === 0);
      print(options, { ...result, ledgerEntries: ledger.entries, ok });
      if (!ok) say(`NOT right with seed ${seed}; repeat it with: npm run drill -- ${options.rewind ? "--rewind " : ""}--seed ${seed}`);
      allRight &&= ok;
    }
    if (allRight) finished = true;
    return allRight;
  } finally {
    await sandbox.close();
    record?.end();
    // What went wrong can be looked at; what went right is not worth its disk.
    if (finished) await rm(folder, { recursive: true, force: true });
    else say(`Everything the sandbox knew is kept in ${folder}`);
  }
}

function print({ json, rewind }: Options, result: DrillResult & { readonly ledgerEntries: number; readonly ok: boolean }): void {
  if (json) {
    process.stdout.write(`${JSON.stringify(result)}\n`);
    return;
  }
  const { seed, rowsTotal, rowsDamaged, rowsWrong, rowsAsked, goodWritesLost, detectSeconds, restoreSeconds, ledgerEntries } = result;
  const done = rewind ? `brought back among ${rowsTotal}, ${rowsAsked} asked about,` : `${rowsTotal} restored`;
  process.stdout.write(
    `seed ${seed}: ${rowsDamaged} rows damaged, ${detectSeconds === null ? "no alert of it" : `its alert after ${detectSeconds} s`}, ${done} in ${restoreSeconds} s, ${rowsWrong} wrong, ${goodWritesLost} good writes lost, ${ledgerEntries} ledger entries\n`,
  );
}

try {
  process.exitCode = (await drill(readOptions(process.argv.slice(2)))) ? EXIT.done : EXIT.failed;
} catch (error) {
  const usage = error instanceof TypeError || error instanceof RangeError;
  process.stderr.write(`drill: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = usage ? EXIT.usage : EXIT.failed;
}

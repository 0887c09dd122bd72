/** `npx tsx scripts/check-record.ts FILE...`: holds records that `--record` wrote against what GitHub and AWS describe. Exit 0 none, 1 some violation, 2 wrong usage. */
import { open } from "node:fs/promises";
import { openRecordChecker } from "./conformity/check-record.ts";
import { readRecordEntry } from "./conformity/read-record-entry.ts";

const files = process.argv.slice(2);
if (files.length === 0) {
  console.error("usage: npx tsx scripts/check-record.ts FILE... (what --record wrote, in the order of time)");
  process.exit(2);
}

const check = openRecordChecker();
let entries = 0;
let violations = 0;
for (const file of files) {
  let line = 0;
  const handle = await open(file).catch((error: unknown) => {
    console.error(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(2);
  });
  for await (const text of handle.readLines()) {
    line += 1;
    const entry = readRecordEntry(text);
    if (entry === null) {
      console.error(
        `${file}:${line} is no line of a record: ${text.slice(0, 80)}; allowed: one JSON object with at, service, method, path, status`,
      );
      process.exit(2);
    }
    entries += 1;
    for (const { request, problem } of check(entry)) {
      violations += 1;
      console.log(`${file}:${line} ${request}: ${problem}`);
    }
  }
}
console.error(`${entries} requests and answers, ${violations} violations`);
process.exitCode = violations === 0 ? 0 : 1;

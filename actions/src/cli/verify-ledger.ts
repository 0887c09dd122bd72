import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { parseArgs } from "node:util";
import { type Segment, verify } from "../domain/index.ts";
import { readHead } from "./read-head.ts";

/**
 * Verifies a checkout of branch `ledger`. Exit 0 with a summary on stdout, or 1 naming file, line and what is wrong. `--head SEQ:HASH`, from any
 * job summary, also finds a tail that was cut off.
 */
export async function verifyLedger(args: string[]): Promise<number> {
  const { positionals, values } = parseArgs({ args, allowPositionals: true, options: { head: { type: "string" } } });
  const [directory, ...extra] = positionals;
  if (directory === undefined || extra.length > 0)
    throw new RangeError(`expected one directory, got ${positionals.length}; usage: holdfast verify-ledger DIR [--head SEQ:HASH]`);
  const segments = await readCheckout(directory);
  if (segments.length === 0)
    throw new RangeError(`${directory} holds no segments (YYYY/MM/DD/<first seq>.jsonl); allowed: a checkout of branch ledger`);

  const verdict = verify(segments, values.head === undefined ? undefined : readHead(values.head));
  if (verdict.ok) {
    process.stdout.write(
      `ok: ${verdict.entries.length} entries in ${segments.length} segments, head ${verdict.head.seq} ${verdict.head.hash}\n`,
    );
    return 0;
  }
  const { path, line, problem } = verdict.broken;
  process.stdout.write(
    `broken: ${path}${line === 0 ? "" : `:${line}`}: ${problem}; ${verdict.entries.length} entries before it are sound\n`,
  );
  return 1;
}

async function readCheckout(directory: string): Promise<readonly Segment[]> {
  const known = await stat(directory).catch(() => null);
  if (!known?.isDirectory()) throw new RangeError(`${directory} is not a directory; allowed: a checkout of branch ledger`);
  const files = await readdir(directory, { recursive: true, withFileTypes: true });
  const names = files
    .filter((file) => file.isFile() && file.name.endsWith(".jsonl"))
    .map((file) => relative(directory, join(file.parentPath, file.name)).split(sep).join("/"));
  return Promise.all(names.map(async (path) => ({ path, text: await readFile(join(directory, path), "utf8") })));
}

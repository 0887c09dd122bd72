import { parseArgs } from "node:util";
import { stringify } from "yaml";
import { readConfig } from "../workers/read-config.ts";

/** Checks a configuration file and prints what is in force, every default filled in. Throws InvalidInput with every problem. */
export async function checkConfig(args: string[]): Promise<number> {
  const { positionals, values } = parseArgs({ args, allowPositionals: true, options: { json: { type: "boolean", default: false } } });
  const [file, ...extra] = positionals;
  if (extra.length > 0) throw new RangeError(`expected one file, got ${positionals.length}; usage: holdfast config [FILE] [--json]`);
  const config = await readConfig(file);
  process.stdout.write(values.json ? `${JSON.stringify(config)}\n` : stringify(config));
  return 0;
}

import { parseArgs } from "node:util";
import { openChannels } from "../notify/open-channels.ts";
import { sendTest } from "../notify/send-test.ts";
import { wordingOf } from "../notify/wording-of.ts";
import { readConfig } from "../workers/read-config.ts";
import { jsonLine, print } from "./print.ts";

const USAGE = "usage: holdfast notify --test [--config FILE] [--json]";

/**
 * Sends a notice that says it is a test to everyone whom the routes name, with the secrets of this environment; tells of each whether it
 * arrived. Exit 1 where one did not, or where there is nobody to tell.
 */
export async function notify(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      test: { type: "boolean", default: false },
      config: { type: "string", default: "holdfast.yml" },
      json: { type: "boolean", default: false },
    },
  });
  if (!values.test) throw new RangeError(`expected --test: nothing else is sent by hand; ${USAGE}`);
  const config = await readConfig(values.config);
  const channels = openChannels((name) => process.env[name], wordingOf(config, { page: process.env.PAGE_URL || null, files: null }));
  const results = await sendTest(config.notify, channels, Date.now());
  for (const result of results)
    await print(
      values.json ? jsonLine(result) : `${result.destination}: ${result.problem === null ? "arrived" : `failed: ${result.problem}`}\n`,
    );
  if (results.length === 0)
    process.stderr.write(`holdfast notify: ${values.config} has no route under notify: nobody is told of an alert\n`);
  return results.length > 0 && results.every(({ problem }) => problem === null) ? 0 : 1;
}

import { parseArgs } from "node:util";
import { cluesOf } from "../detection/reader.ts";
import { kindsOf, rulesInForce } from "../detection/rules-in-force.ts";
import { openTuner, type Proposal } from "../detection/tune.ts";
import { jsonLine, print } from "./print.ts";
import { openReplay } from "./replay.ts";
import { replaySettings } from "./replay-settings.ts";
import { openLog } from "./scan-log.ts";

const USAGE = "usage: holdfast tune [--config FILE] [--app NAME] [--json] FILE… (- for stdin)";
// What fits a screen; --json has more of them.
const SHOWN = 5;

/**
 * Replays past logs and proposes a threshold for every counting rule, with the alerts that each choice would have raised. It changes nothing:
 * whether those alerts were harmless is for people to say.
 */
export async function tune(args: string[]): Promise<number> {
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    options: { config: { type: "string" }, app: { type: "string" }, json: { type: "boolean", default: false } },
  });
  if (positionals.length === 0) throw new RangeError(`expected at least one file; ${USAGE}`);
  const settings = await replaySettings(values.config, values.app);
  const rules = rulesInForce(settings.rules);
  const kinds = kindsOf(rules);
  const logs = await Promise.all(positionals.map((path) => openLog(path, Date.now(), cluesOf(settings.reader, kinds))));
  const written = Math.max(...logs.map((log) => log.written));
  const replay = openReplay(logs, { ...settings.reader, reference: written }, kinds);
  const tuner = openTuner(rules, settings.detector);
  for await (const events of replay.events) tuner.take(events, written);
  for (const proposal of tuner.finish()) await print(values.json ? jsonLine(proposal) : describe(proposal));
  return 0;
}

function describe({ rule, within, current, proposed, reason, dropped, choices }: Proposal): string {
  const chosen = choices.find((choice) => choice.threshold === proposed);
  return [
    `${rule}: ${proposed === current ? `keep ${current}` : `${current} to ${proposed}`} in ${within}`,
    `  ${reason}`,
    ...(dropped > 0 ? [`  there were more keys than are kept: ${dropped} events are missing from what follows`] : []),
    `  threshold  ${choices.map((choice) => String(choice.threshold).padStart(6)).join("")}`,
    `  alerts     ${choices.map((choice) => String(choice.alerts).padStart(6)).join("")}`,
    ...(chosen?.raised.slice(0, SHOWN).map((each) => `  would still alert: ${each.openedAt} ${each.key} ${each.count} events`) ?? []),
    "",
  ].join("\n");
}

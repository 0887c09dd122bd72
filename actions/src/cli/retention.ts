import { existsSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import * as z from "zod/mini";
import {
  applyRetention,
  DEFAULT_RETENTION,
  InvalidInput,
  instant,
  parse,
  type RetainedSnapshot,
  type RetentionPolicy,
  type RetentionVerdict,
  SNAPSHOT_TRIGGERS,
  showValue,
} from "../domain/index.ts";
import { readConfig } from "../workers/read-config.ts";

const USAGE = "usage: holdfast retention --snapshots FILE --now TIME [--config FILE] [--json]";

/** FILE holds a JSON array of these. */
const listed = z.array(
  z.strictObject({
    id: z.string().check(z.minLength(1, "some text")),
    takenAt: z.nullable(instant),
    trigger: z.nullable(z.enum(SNAPSHOT_TRIGGERS)),
    managed: z.boolean(),
    held: z._default(z.boolean(), false),
    inUse: z._default(z.boolean(), false),
    letGo: z._default(z.boolean(), false),
  }),
);

/** Prints what the rules of retention say about a list of snapshots; deletes nothing and asks nobody. Throws InvalidInput or RangeError. */
export async function retention(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      snapshots: { type: "string" },
      now: { type: "string" },
      config: { type: "string" },
      json: { type: "boolean", default: false },
    },
  });
  if (values.snapshots === undefined || values.now === undefined) throw new RangeError(`--snapshots and --now are needed; ${USAGE}`);
  const now = new Date(parse(instant, values.now, "--now"));
  const snapshots = readSnapshots(values.snapshots);
  const verdicts = applyRetention(snapshots, await policyOf(values.config), now);
  for (const verdict of verdicts) process.stdout.write(values.json ? `${JSON.stringify(verdict)}\n` : describe(verdict));
  return 0;
}

/** The file that was named, or `holdfast.yml` where there is one, or the documented defaults. */
async function policyOf(file: string | undefined): Promise<RetentionPolicy> {
  if (file === undefined && !existsSync("holdfast.yml")) return DEFAULT_RETENTION;
  return (await readConfig(file)).retention;
}

function readSnapshots(file: string): readonly RetainedSnapshot[] {
  const document = readJson(file);
  const snapshots = parse(listed, document, file).map((each) => ({
    ...each,
    takenAt: each.takenAt === null ? null : new Date(each.takenAt),
  }));
  const ids = new Set<string>();
  for (const { id } of snapshots) {
    if (ids.has(id)) throw new InvalidInput(file, [{ path: "id", found: `${showValue(id)} twice`, allowed: "one snapshot per id" }]);
    ids.add(id);
  }
  return snapshots;
}

function readJson(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new RangeError(`${file} cannot be read; --snapshots names a JSON array of snapshots`, { cause: error });
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidInput(file, [{ path: "", found: showValue(text), allowed: "a JSON array of snapshots" }]);
  }
}

function describe({ id, takenAt, keep, reasons }: RetentionVerdict): string {
  return `${keep ? "keep  " : "delete"}  ${takenAt?.toISOString() ?? "(being made)            "}  ${showValue(id).slice(1, -1)}: ${reasons.join("; ")}\n`;
}

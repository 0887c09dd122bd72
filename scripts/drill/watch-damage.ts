/**
 * The built collector beside a drill, following the demo application's log alone, and how long after the damage its alert was there. It has no
 * ledger and tells nobody, so that a drill's record is the drill's own; only its file of alerts is looked at.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, openSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parse, stringify } from "yaml";
import type { AppLog } from "../sandbox/demo-app/app-log.ts";

export type Detection =
  | { readonly detectSeconds: number; readonly undetected: null }
  | { readonly detectSeconds: null; readonly undetected: string };

export interface DamageWatch {
  /** `at` is the first damaging commit in the database's clock; `by` is who did it, as the log names them. */
  detected(damage: { readonly at: string; readonly by: string }): Promise<Detection>;
  stop(): Promise<void>;
}

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const BUNDLE = join(ROOT, "actions", "dist", "holdfast.mjs");
/** What the rules that a drill's damage can open count, in the words of the application's log. */
const COUNTED: Readonly<Record<string, string>> = { "mass-password-reset": "password-changed", "bulk-deletion": "row-deleted" };
const LOOK_MS = 20;
// The alert comes within a second on an idle machine; a collector that needs longer than this hangs.
const LIMIT_MS = 60_000;
const END_MS = 10_000;

interface Opened {
  readonly rule: string;
  readonly openedAt: string;
  readonly threshold: number;
  readonly within: string;
  readonly line: number;
}

interface LogLine {
  readonly number: number;
  readonly at: number;
  readonly action: string;
  readonly by: string;
  readonly rows: number;
}

/**
 * The log begins anew: what the collector knows is this drill's alone. Some 36 customers a minute choose a new password in a drill, which is no
 * accident there; `resets` is where mass-password-reset begins, well above them. Resolves once it follows.
 */
export async function watchDamage(log: AppLog, resets: number): Promise<DamageWatch> {
  if (!existsSync(BUNDLE)) return blind("there is no command line in actions/dist; run npm run build first");
  log.turnOver();
  const folder = await mkdtemp(join(tmpdir(), "holdfast-drill-collector-"));
  const alerts = join(folder, "alerts", "alerts.jsonl");
  await writeFile(join(folder, "holdfast.yml"), await configFor(log.file, resets));
  const output = openSync(join(folder, "collector.log"), "a", 0o600);
  // Not in a session of its own: a terminal's Ctrl-C that ends the drill ends this one as well.
  const child = spawn(process.execPath, [BUNDLE, "collect"], {
    cwd: folder,
    stdio: ["ignore", output, output],
    env: { PATH: process.env.PATH },
  });
  closeSync(output);
  const gone = endOf(child);
  let ended = false;
  void gone.then(() => {
    ended = true;
  });

  const seen: { readonly alert: Opened; readonly at: number }[] = [];
  const stopping = new AbortController();
  const looking = (async () => {
    for (let lines = 0; !stopping.signal.aborted; await pause(LOOK_MS)) {
      const whole = (await readFile(alerts, "utf8").catch(() => "")).split("\n").slice(0, -1);
      const at = Date.now();
      for (const line of whole.slice(lines)) {
        const alert: Opened & { readonly transition: string; readonly severity: string } = JSON.parse(line);
        if (alert.transition === "opened" && alert.severity === "HIGH") seen.push({ alert, at });
      }
      lines = whole.length;
    }
  })();
  const until = async (holds: () => boolean): Promise<void> => {
    for (const limit = Date.now() + LIMIT_MS; !ended && !holds() && Date.now() < limit; ) await pause(LOOK_MS);
  };
  // The file of alerts is opened as the last thing before the logs are.
  await until(() => existsSync(alerts));

  return {
    async detected({ at, by }) {
      const mine = async () => {
        const lines = await readLog(log.file);
        return seen.find(({ alert }) => isOpenedBy(by, alert, lines));
      };
      const limit = Date.now() + LIMIT_MS;
      let found = await mine();
      for (; found === undefined && !ended && Date.now() < limit; found = await mine()) await pause(10 * LOOK_MS);
      if (found !== undefined) return { detectSeconds: Number(((found.at - Date.parse(at)) / 1000).toFixed(2)), undetected: null };
      const rows = (await readLog(log.file)).filter((line) => line.by === by).map(({ action, rows: count }) => `${action} ${count}`);
      const told = `the log told ${rows.join(", ") || "nothing of it"}, and the alerts were ${seen.map(({ alert }) => alert.rule).join(", ") || "none"}`;
      return {
        detectSeconds: null,
        undetected: ended ? `the collector ended as ${await gone}` : `${told}; mass-password-reset begins at ${resets}`,
      };
    },
    async stop() {
      stopping.abort();
      child.kill("SIGTERM");
      const late = setTimeout(() => child.kill("SIGKILL"), END_MS);
      await Promise.all([gone, looking]);
      clearTimeout(late);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function blind(undetected: string): DamageWatch {
  return { detected: async () => ({ detectSeconds: null, undetected }), stop: async () => {} };
}

/** Whether the alert would not have opened, had the others alone written to the log. */
function isOpenedBy(by: string, { rule, openedAt, threshold, within, line }: Opened, lines: readonly LogLine[]): boolean {
  const seconds = Number(/^(\d+)s$/.exec(within)?.[1] ?? Number.NaN);
  const counted = lines.filter(
    ({ number, at, action }) => number <= line && action === COUNTED[rule] && at > Date.parse(openedAt) - seconds * 1000,
  );
  const rowsOf = (some: readonly LogLine[]) => some.reduce((sum, { rows }) => sum + rows, 0);
  return rowsOf(counted) >= threshold && rowsOf(counted.filter((each) => each.by !== by)) < threshold;
}

async function readLog(file: string): Promise<readonly LogLine[]> {
  const texts = (await readFile(file, "utf8").catch(() => "")).split("\n");
  return texts.flatMap((text, index) => {
    // Between the application's own lines stand its web server's.
    if (!text.startsWith("{")) return [];
    const line: {
      readonly "@timestamp": string;
      readonly event: { readonly action: string };
      readonly user: { readonly name: string };
      readonly holdfast?: { readonly rows?: number };
    } = JSON.parse(text);
    const { action } = line.event;
    return [{ number: index + 1, at: Date.parse(line["@timestamp"]), action, by: line.user.name, rows: line.holdfast?.rows ?? 1 }];
  });
}

/** The repository's own configuration, on this log, and with nobody to tell. */
async function configFor(log: string, resets: number): Promise<string> {
  const document = parse(await readFile(join(ROOT, "holdfast.yml"), "utf8"));
  return stringify({
    ...document,
    apps: document.apps.map((app: object) => ({ ...app, containers: [], files: [log] })),
    rules: { ...document.rules, "mass-password-reset": { threshold: resets } },
    notify: [],
  });
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) => resolve(signal ?? `exit ${code}`));
  });
}

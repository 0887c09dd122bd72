import type { DetectorOptions } from "../detection/detector.ts";
import type { ReaderOptions } from "../detection/reader.ts";
import { readerOptions } from "../detection/reader-options.ts";
import type { RuleSettings } from "../detection/rules-in-force.ts";
import { type Config, durationMs, excerptOf } from "../domain/index.ts";
import { readConfig } from "../workers/read-config.ts";

export interface ReplaySettings {
  readonly rules: RuleSettings;
  readonly settings: Config["rules"];
  readonly reader: Omit<ReaderOptions, "source" | "reference" | "occurrences" | "state">;
  readonly detector: DetectorOptions;
}

// The documented defaults of an app, for logs that belong to none.
const LATENESS_MS = 60_000;
const LONGEST_OVERRIDE_MS = 8 * 3_600_000;
// At this many keys a rule a flood of addresses stays below 256 MiB.
const MAX_KEYS = 30_000;

/**
 * What a replay goes by: the configuration that was named, else the documented defaults. The app whose logs they are is the one that was
 * named, or the only one there is.
 */
export async function replaySettings(file: string | undefined, name: string | undefined): Promise<ReplaySettings> {
  if (file === undefined) {
    if (name !== undefined) throw new RangeError("--app names an app of a configuration; allowed: together with --config FILE");
    return settingsOf(null, undefined);
  }
  const config = await readConfig(file);
  const app =
    config.apps.find((each) => each.name === name) ?? (name === undefined && config.apps.length === 1 ? config.apps[0] : undefined);
  if (name !== undefined && app === undefined) {
    const known = config.apps.map((each) => each.name).join(", ") || "there are none";
    throw new RangeError(`--app is ${JSON.stringify(name)}; allowed: one of the apps in ${file}: ${known}`);
  }
  return settingsOf(config, app);
}

function settingsOf(config: Config | null, app: Config["apps"][number] | undefined): ReplaySettings {
  return {
    rules: config ?? { rules: {}, maintenance: [] },
    settings: config?.rules ?? {},
    reader: readerOptions(app),
    detector: {
      app: app?.name ?? null,
      cluster: app?.cluster ?? null,
      show: excerptOf,
      lateness: app === undefined ? LATENESS_MS : durationMs(app.lateness),
      longestOverride: config === null ? LONGEST_OVERRIDE_MS : durationMs(config.suppressions.override),
      maxKeys: MAX_KEYS,
    },
  };
}

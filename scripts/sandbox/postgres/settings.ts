import { mkdir, rm, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Owner } from "./owner.ts";
import { giveTo } from "./owner.ts";

export interface Settings {
  readonly port: number;
  /** Absolute and existing; one for each incarnation of a cluster, because an archive never takes a segment name twice. */
  readonly archive: string;
  /** Where the log collector writes, absolute; made here, because the server may not write beside its data. */
  readonly logs: string;
  /** Set only while the data directory replays WAL that lies in its own pg_wal. */
  readonly recovery?: Recovery;
}

export type Recovery = { readonly until: "backup-end" } | { readonly until: "time"; readonly time: Date };

/**
 * Writes the whole configuration of a data directory. Whole, because a copy brings the settings of the cluster it was made from, and a
 * recovery target left over from an earlier restore would conflict with the next one.
 */
export async function writeSettings(data: string, settings: Settings, owner: Owner | undefined): Promise<void> {
  const configuration = path.join(data, "postgresql.conf");
  const access = path.join(data, "pg_hba.conf");
  const signal = path.join(data, "recovery.signal");
  const lines = Object.entries({
    ...fixed,
    port: String(settings.port),
    "basic_archive.archive_directory": settings.archive,
    log_directory: settings.logs,
    ...recovery(settings.recovery),
  });
  await writeFile(configuration, lines.map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'\n`).join(""), { mode: 0o600 });
  await writeFile(access, "host all all 127.0.0.1/32 scram-sha-256\n", { mode: 0o600 });
  await truncate(path.join(data, "postgresql.auto.conf"));
  await mkdir(settings.logs, { recursive: true, mode: 0o700 });
  await giveTo(owner, configuration, access, settings.logs);
  if (settings.recovery) {
    await writeFile(signal, "", { mode: 0o600 });
    await giveTo(owner, signal);
  } else {
    await rm(signal, { force: true });
  }
}

/** Aurora fixes the prefix and names the files so; `mod` is what teams set to see deletions and unfiltered updates. */
const auroraLog: Readonly<Record<string, string>> = {
  logging_collector: "on",
  log_filename: "postgresql.log.%Y-%m-%d-%H%M",
  log_rotation_age: "60min",
  log_line_prefix: "%t:%r:%u@%d:[%p]:",
  log_statement: "mod",
};

const fixed: Readonly<Record<string, string>> = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  max_connections: "60",
  shared_buffers: "32MB",
  timezone: "UTC",
  log_timezone: "UTC",
  lc_messages: "C",
  ...auroraLog,
  wal_level: "replica",
  archive_mode: "on",
  archive_library: "basic_archive",
  archive_timeout: "60s",
  track_commit_timestamp: "on",
};

function recovery(target: Recovery | undefined): Record<string, string> {
  if (!target) return {};
  const common = { restore_command: "exit 1", recovery_target_timeline: "latest", recovery_target_action: "promote", hot_standby: "off" };
  if (target.until === "backup-end") return { ...common, recovery_target: "immediate" };
  // PostgreSQL rejects the Z that toISOString() ends with.
  return { ...common, recovery_target_time: target.time.toISOString().replace("Z", "+00"), recovery_target_inclusive: "on" };
}

/** Log files of a cluster's instances through the RDS API. Instances come and go, and at a failover another one writes: each is a source of its own. */
import type { DatabaseLogs } from "../aurora/database-logs.ts";
import { logCursorsSchema, readLogLines } from "../aurora/read-log-lines.ts";
import { parse } from "../domain/index.ts";
import { pauseFor } from "./merge-sources.ts";
import type { Origin, Source } from "./source.ts";

export interface DatabaseLogOptions {
  readonly logs: DatabaseLogs;
  readonly cluster: string;
  /** The app whose database it is, where it is only one's. */
  readonly app: string | null;
  /** Ids of the instances that the cluster has now. */
  readonly instances: () => Promise<readonly string[]>;
  readonly follow: boolean;
  readonly now: () => number;
  readonly say: (text: string) => void;
}

// RDS throttles; its own log files are some seconds behind in any case.
const POLL_MS = 10_000;
const INSTANCES_MS = 60_000;
// Files are rotated hourly: what was not written to for this long is complete and was read.
const WRITTEN_SINCE_MS = 24 * 3_600_000;
const PASS_CHARACTERS = 4 * 1024 ** 2;
const ERROR_OR_AUDIT_LOG =
  /^(error\/postgresql\.log\.[\d-]+|error\/mysql-error(-running)?\.log(\.[\d-]+)?|audit\/audit\.log.*|audit\/server_audit\.log.*)$/;

export function databaseLogs(options: DatabaseLogOptions): Origin {
  const { cluster, instances, follow, say } = options;
  return async function* (signal) {
    const known = new Set<string>();
    while (!signal.aborted) {
      try {
        for (const instance of await instances()) {
          if (known.has(instance)) continue;
          known.add(instance);
          yield instanceSource(instance, options);
        }
      } catch (error) {
        if (!follow) throw error;
        say(`${cluster}: its instances cannot be listed: ${error instanceof Error ? error.message : String(error)}`);
      }
      if (!follow) return;
      await pauseFor(INSTANCES_MS, signal);
    }
  };
}

function instanceSource(instance: string, { logs, cluster, app, follow, now }: DatabaseLogOptions): Source {
  return {
    key: `rds:${instance}`,
    name: instance,
    app,
    cluster,
    async *read(cursor, signal) {
      let cursors = cursor === null ? {} : parse(logCursorsSchema, cursor, `the cursor of ${instance}`);
      while (!signal.aborted) {
        const since = new Date(now() - WRITTEN_SINCE_MS);
        const reading = await readLogLines(logs, instance, { cursors, since, wanted: ERROR_OR_AUDIT_LOG, limit: PASS_CHARACTERS });
        cursors = reading.cursors;
        const lines = reading.lines.map(({ file, number, text }) => ({ text, number, source: `${instance}/${file}`, stamp: null }));
        // Also an empty one: it says that RDS answers.
        yield { lines, cursor: cursors, lost: 0, notes: [] };
        if (reading.behind) continue;
        if (!follow) return;
        await pauseFor(POLL_MS, signal);
      }
    },
  };
}

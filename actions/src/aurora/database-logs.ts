/** The log files of a cluster's instances, portion by portion. RDS keeps them for days and rotates them hourly; each instance has its own. */
import { DownloadDBLogFilePortionCommand, paginateDescribeDBLogFiles, RDSClient, type RDSClientConfig } from "@aws-sdk/client-rds";
import { isRefusal, refusals } from "./aurora.ts";

export interface LogFile {
  readonly name: string;
  readonly size: number;
  /** Not exact: RDS refreshes it now and then. */
  readonly writtenAt: Date;
}

export interface Portion {
  readonly text: string;
  /** Where the next portion begins. */
  readonly marker: string;
  /** Whether more of the file is there already. */
  readonly pending: boolean;
}

export interface DatabaseLogs {
  /** In the order of their names, which for PostgreSQL are the hours they were begun in. */
  files(instance: string, writtenSince: Date): Promise<readonly LogFile[]>;
  /** From a marker, `0` for the beginning. Null when the file is gone. */
  portion(instance: string, file: string, marker: string): Promise<Portion | null>;
}

/** Begins at the first line: without any marker RDS gives the newest lines and never the rest. */
export const BEGINNING = "0";

const MAX_ATTEMPTS = 10;
const MOST_LINES = 10_000;
/** What RDS puts behind a line that did not fit into a portion; the rest of that line is told to nobody. */
const CUT = " [Your log message was truncated]";
const GONE = ["DBLogFileNotFoundFault", "DBLogFileNotFound"] as const;

export function connectDatabaseLogs(region: string, credentials: RDSClientConfig["credentials"] | undefined): DatabaseLogs {
  const client = new RDSClient({ region, maxAttempts: MAX_ATTEMPTS, ...(credentials === undefined ? {} : { credentials }) });
  const ask = (instance: string, file: string, marker: string, lines: number) =>
    refusals(() =>
      client.send(
        new DownloadDBLogFilePortionCommand({ DBInstanceIdentifier: instance, LogFileName: file, Marker: marker, NumberOfLines: lines }),
      ),
    );
  return {
    files: (instance, writtenSince) =>
      refusals(async () => {
        const found: LogFile[] = [];
        const since = { DBInstanceIdentifier: instance, FileLastWritten: writtenSince.getTime() };
        for await (const page of paginateDescribeDBLogFiles({ client }, since)) {
          for (const { LogFileName = "", Size = 0, LastWritten = 0 } of page.DescribeDBLogFiles ?? [])
            found.push({ name: LogFileName, size: Size, writtenAt: new Date(LastWritten) });
        }
        return found.toSorted((a, b) => (a.name < b.name ? -1 : 1));
      }),
    async portion(instance, file, marker) {
      try {
        // A portion cut inside a line comes back whole when fewer lines are asked for, unless one line alone is too large.
        for (let lines = MOST_LINES; ; lines = Math.ceil(lines / 4)) {
          const answer = await ask(instance, file, marker, lines);
          const text = answer.LogFileData ?? "";
          if (text.endsWith(CUT) && lines > 1) continue;
          return {
            text: text.endsWith(CUT) ? `${text.slice(0, -CUT.length)}\n` : text,
            marker: answer.Marker ?? marker,
            pending: answer.AdditionalDataPending ?? false,
          };
        }
      } catch (error) {
        if (isRefusal(error, GONE)) return null;
        throw error;
      }
    },
  };
}

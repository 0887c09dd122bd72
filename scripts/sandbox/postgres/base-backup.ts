import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { copyDataDirectory, requireSpace } from "./copy-files.ts";
import { type Login, one, withSession } from "./session.ts";
import { waitForSegment } from "./wal.ts";

export interface BaseBackup {
  readonly firstSegment: string;
  readonly lastSegment: string;
  /** When the backup ended, rounded up to a millisecond: the earliest time that a recovery from it may ask for. */
  readonly endedAt: string;
  readonly bytes: number;
}

interface Stopped {
  labelfile: string;
  spcmapfile: string;
  segment: string;
  at: Date;
}

/** Copies a running cluster into `<target>` and returns once the WAL that makes the copy consistent is archived. */
export async function takeBaseBackup(login: Login, data: string, archive: string, target: string): Promise<BaseBackup> {
  await rm(target, { recursive: true, force: true });
  await mkdir(path.dirname(target), { recursive: true });
  return withSession(login, async (client) => {
    const { size } = one(await client.query<{ size: string }>("select sum(pg_database_size(oid)) as size from pg_database"));
    await requireSpace(path.dirname(target), Number(size));
    await client.query("select pg_backup_start('base', true)");
    const bytes = await copyDataDirectory(data, target, undefined);
    // false: the function's own wait polls once a second, ours every 10 ms. It has to end in the session that began it.
    const stopped = one(
      await client.query<Stopped>(
        "select labelfile, spcmapfile, pg_walfile_name(lsn) as segment, clock_timestamp() as at from pg_backup_stop(false)",
      ),
    );
    await writeFile(path.join(target, "backup_label"), stopped.labelfile, { mode: 0o600 });
    if (stopped.spcmapfile.trim() !== "") throw new Error(`${data} has tablespaces outside of the data directory, which are not served`);
    const first = /START WAL LOCATION: \S+ \(file ([0-9A-F]{24})\)/.exec(stopped.labelfile)?.[1];
    if (!first) throw new Error(`PostgreSQL's backup label names no first segment: ${stopped.labelfile}`);
    await waitForSegment(archive, stopped.segment);
    // A Date floors the microseconds, and a time before the end of the backup would silently give the state at the backup.
    return { firstSegment: first, lastSegment: stopped.segment, endedAt: new Date(stopped.at.getTime() + 1).toISOString(), bytes };
  });
}

import { readFile, rm } from "node:fs/promises";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { BaseBackup } from "./base-backup.ts";
import type { Engine } from "./engine.ts";
import { adoptServer, freePort, PortTakenError, type Server, startServer } from "./server.ts";
import { removeOldLogs, type ServerLog } from "./server-log.ts";
import { type Login, one, withSession } from "./session.ts";
import { type Recovery, writeSettings } from "./settings.ts";
import { segmentsBefore, segmentsBetween, waitForSegment } from "./wal.ts";
import { replaceFile } from "./write-file.ts";

export interface PostgresEvent {
  readonly kind: "started" | "adopted" | "died" | "restarted" | "gave-up" | "archive-stuck" | "archive-recovered";
  readonly cluster: string;
  readonly detail: string;
}

/** A base backup that recovery to a point in time may begin from, in the folder `bases/<name>`. */
export interface Base extends BaseBackup {
  readonly name: string;
}

export interface IncarnationRecord {
  readonly version: 1;
  readonly port: number;
  readonly bases: readonly Base[];
}

/** A commit that certainly lies in the archive: every earlier time can be recovered. */
export interface Fence {
  readonly at: Date;
  readonly segment: string;
}

export interface Surroundings {
  readonly engine: Engine;
  readonly login: Omit<Login, "port">;
  readonly onEvent: (event: PostgresEvent) => void;
  /** How often a cluster that is written to makes its archive reach up to now. */
  readonly fenceEvery: number;
  /** How long a fence waits for the archiver before the archive counts as stuck. */
  readonly archivePatience: number | undefined;
  /** Called after each fence, to keep the archive from growing without end. */
  readonly onFenced: (incarnation: Incarnation) => Promise<void>;
}

/** Restarts within a minute after which a cluster is left down: something that no restart repairs. */
const restartLimit = 5;

/** One life of a cluster's data: a data directory, its archive, its base backups, and the server that runs on them. */
export class Incarnation {
  readonly id: string;
  readonly folder: string;
  #record: IncarnationRecord | undefined;
  #port: number | undefined;
  #server: Server | undefined;
  #stopping = false;
  #fence: Fence | undefined;
  #fencedLsn = "";
  #healthy = false;
  /** The latest end of the range that anybody was told. */
  #told = new Date(0);
  #stuck = false;
  #watch: AbortController | undefined;
  #watching: Promise<void> = Promise.resolve();
  #deaths: number[] = [];
  readonly #around: Surroundings;

  constructor(folder: string, around: Surroundings) {
    this.folder = folder;
    this.id = path.basename(folder);
    this.#around = around;
  }

  get data(): string {
    return path.join(this.folder, "data");
  }

  get archive(): string {
    return path.join(this.folder, "archive");
  }

  get log(): ServerLog {
    return { startup: path.join(this.folder, "server.log"), folder: path.join(this.folder, "log") };
  }

  get recordFile(): string {
    return path.join(this.folder, "cluster.json");
  }

  get bases(): readonly Base[] {
    return this.#record?.bases ?? [];
  }

  /** Where the server listens now; nothing while it is down. */
  get port(): number | undefined {
    return this.#server?.port;
  }

  get pid(): number | undefined {
    return this.#server?.pid;
  }

  get login(): Login {
    const port = this.#server?.port;
    if (port === undefined) throw new Error(`PostgreSQL of ${this.id} is down: its log is ${this.log.folder}`);
    return { ...this.#around.login, port };
  }

  async load(): Promise<void> {
    const record: unknown = JSON.parse(await readFile(this.recordFile, "utf8"));
    if (!isRecord(record)) throw new Error(`${this.recordFile} was written by another version: start afresh with an empty state folder`);
    this.#record = record;
    this.#port = record.port;
  }

  /** Makes the incarnation one that the next start finds. Until then its folder counts as unfinished. */
  async keep(bases: readonly Base[]): Promise<void> {
    if (this.#port === undefined) throw new Error(`${this.id} was never started`);
    this.#record = { version: 1, port: this.#port, bases };
    await replaceFile(this.recordFile, JSON.stringify(this.#record));
  }

  async start(recovery?: Recovery): Promise<void> {
    this.#stopping = false;
    const { engine, login, onEvent } = this.#around;
    const common = { engine, data: this.data, log: this.log, login };
    const survivor = recovery ? undefined : await adoptServer(common);
    this.#server = survivor ?? (await this.#startAnew(recovery));
    if (this.#record && this.#record.port !== this.#server.port) {
      this.#port = this.#server.port;
      await this.keep(this.#record.bases);
    }
    onEvent({ kind: survivor ? "adopted" : "started", cluster: this.id, detail: `pid ${this.#server.pid}, port ${this.#server.port}` });
    this.#guard(this.#server);
    this.#watchArchive();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#watch?.abort();
    await this.#server?.stop();
    this.#server = undefined;
    await this.#watching;
  }

  /** Commits a transaction and waits for it in the archive. 23 ms on an idle machine. */
  async fence(signal?: AbortSignal): Promise<Fence> {
    const fence = await withSession(this.login, async (client) => {
      const { xid } = one(await client.query<{ xid: string }>("select pg_current_xact_id()::text as xid"));
      // One microsecond less: recovery to the very time of the last commit would wait for a later one and fail.
      const { at } = one(
        await client.query<{ at: Date }>("select pg_xact_commit_timestamp($1::xid8::xid) - interval '1 microsecond' as at", [xid]),
      );
      const { segment } = one(await client.query<{ segment: string }>("select pg_walfile_name(pg_switch_wal()) as segment"));
      await waitForSegment(this.archive, segment, this.#around.archivePatience, signal);
      const { lsn } = one(await client.query<{ lsn: string }>("select pg_current_wal_insert_lsn()::text as lsn"));
      this.#fencedLsn = lsn;
      return { at, segment };
    });
    this.#fence = fence;
    this.#healthy = true;
    return fence;
  }

  /** What recovery may ask for. A healthy archive can be fenced at any moment, so then the end is now. */
  restorable(now: Date): { readonly earliest: Date; readonly latest: Date } | undefined {
    const oldest = this.bases[0];
    if (!oldest) return undefined;
    const earliest = new Date(oldest.endedAt);
    const reached = this.#healthy && this.#server ? now : (this.#fence?.at ?? earliest);
    // An archive that gets stuck stands still; AWS never takes back what it told.
    this.#told = new Date(Math.max(reached.getTime(), earliest.getTime(), this.#told.getTime()));
    return { earliest, latest: this.#told };
  }

  /** The newest fence, made now where the server allows it. */
  async lastFence(): Promise<Fence> {
    try {
      return await this.fence();
    } catch (cause) {
      if (this.#fence) return this.#fence;
      throw new Error(`The archive of ${this.id} holds no commit that a recovery could end at`, { cause });
    }
  }

  /** Segments archived since the newest base backup began. */
  async segmentsSinceBase(): Promise<number> {
    const newest = this.bases.at(-1);
    const fence = this.#fence;
    return newest && fence ? (await segmentsBetween(this.archive, newest.firstSegment, fence.segment)).length : 0;
  }

  /** Forgets all base backups but the newest ones, and the WAL that only the forgotten could use. */
  async prune(keep: number): Promise<void> {
    const forgotten = this.bases.slice(0, -keep);
    await this.keep(this.bases.slice(-keep));
    const oldest = this.bases[0];
    if (!oldest) return;
    for (const base of forgotten) await rm(path.join(this.folder, "bases", base.name), { recursive: true, force: true });
    for (const segment of await segmentsBefore(this.archive, oldest.firstSegment))
      await rm(path.join(this.archive, segment), { force: true });
  }

  async #startAnew(recovery: Recovery | undefined): Promise<Server> {
    const { engine, login } = this.#around;
    const refused = new Set<number>();
    for (;;) {
      const port = this.#port !== undefined && !refused.has(this.#port) ? this.#port : await freePort(this.folder, refused);
      this.#port = port;
      await writeSettings(
        this.data,
        { port, archive: this.archive, logs: this.log.folder, ...(recovery ? { recovery } : {}) },
        engine.owner,
      );
      try {
        // 10 minutes for a replay: a rewritten table of 1.3 GB took 24 s.
        return await startServer({ engine, data: this.data, log: this.log, port, login, ...(recovery ? { patience: 600_000 } : {}) });
      } catch (error) {
        if (!(error instanceof PortTakenError) || refused.size > 20) throw error;
        refused.add(port);
      }
    }
  }

  #guard(server: Server): void {
    void server.gone.then(async () => {
      if (this.#stopping || this.#server !== server) return;
      const { onEvent } = this.#around;
      this.#server = undefined;
      this.#healthy = false;
      this.#watch?.abort();
      onEvent({ kind: "died", cluster: this.id, detail: `pid ${server.pid} ended unasked; its log is ${this.log.folder}` });
      const now = Date.now();
      this.#deaths = [...this.#deaths.filter((at) => now - at < 60_000), now];
      try {
        if (this.#deaths.length > restartLimit) throw new Error(`it died ${this.#deaths.length} times within a minute`);
        await this.#restart();
        onEvent({ kind: "restarted", cluster: this.id, detail: `pid ${this.pid}` });
      } catch (error) {
        onEvent({ kind: "gave-up", cluster: this.id, detail: error instanceof Error ? error.message : String(error) });
      }
    });
  }

  /** The children of a killed postmaster hold its shared memory for a moment, and postgres refuses to start while they do. */
  async #restart(): Promise<void> {
    // They are gone within half a second, or within many on a busy machine.
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.start();
      } catch (error) {
        if (attempt === 150 || this.#stopping || !/still in use|already exists/.test(String(error))) throw error;
        await pause(200);
      }
    }
  }

  #watchArchive(): void {
    this.#watch?.abort();
    const watch = new AbortController();
    this.#watch = watch;
    const run = async () => {
      while (!watch.signal.aborted) {
        await this.#fenceIfWritten(watch.signal);
        // Tidying that fails is tried again at the next turn; the archive must not wait for it.
        await removeOldLogs(this.log.folder, new Date()).catch(() => {});
        await pause(this.#around.fenceEvery, undefined, { ref: false, signal: watch.signal }).catch(() => {});
      }
    };
    this.#watching = run();
  }

  async #fenceIfWritten(signal: AbortSignal): Promise<void> {
    const { onEvent } = this.#around;
    try {
      const { lsn } = await withSession(this.login, async (client) =>
        one(await client.query<{ lsn: string }>("select pg_current_wal_insert_lsn()::text as lsn")),
      );
      if (signal.aborted || (this.#healthy && lsn === this.#fencedLsn)) return;
      await this.fence(signal);
      if (this.#stuck) onEvent({ kind: "archive-recovered", cluster: this.id, detail: this.archive });
      this.#stuck = false;
      await this.#around.onFenced(this);
    } catch (error) {
      this.#healthy = false;
      if (signal.aborted || this.#server === undefined || this.#stuck) return;
      this.#stuck = true;
      onEvent({ kind: "archive-stuck", cluster: this.id, detail: error instanceof Error ? error.message : String(error) });
    }
  }
}

function isRecord(value: unknown): value is IncarnationRecord {
  return (
    typeof value === "object" &&
    value !== null &&
    "version" in value &&
    value.version === 1 &&
    "port" in value &&
    "bases" in value &&
    Array.isArray(value.bases)
  );
}

/**
 * PostgreSQL for the sandbox: real clusters, base backups, snapshots and recovery to a point in time, each cluster a process of its own
 * that survives ours and is found again. Knows nothing of AWS. Never writes into a data directory that a server has open, and never
 * removes the files of a cluster or snapshot unless it is told to by name.
 */
import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import path from "node:path";
import { type BaseBackup, takeBaseBackup } from "./base-backup.ts";
import { copyAll } from "./copy-files.ts";
import { type Endpoint, makeEndpoint } from "./endpoint.ts";
import { exists, prepareEngine } from "./engine.ts";
import { Incarnation, type PostgresEvent, type Surroundings } from "./incarnation.ts";
import { lockFolder } from "./lock.ts";
import { addBase, createCluster, type Master, restoreCluster } from "./make-cluster.ts";
import { prepareHome, unprivilegedOwner } from "./owner.ts";
import { endSurvivor } from "./server.ts";
import type { ServerLog } from "./server-log.ts";
import { withSession } from "./session.ts";
import { segmentMegabytes, segmentsBetween } from "./wal.ts";
import { replaceFile } from "./write-file.ts";

export interface PostgresOptions {
  /** The sandbox's state folder; everything here lives in `postgres` below it. */
  readonly state: string;
  readonly onEvent?: (event: PostgresEvent) => void;
  readonly fenceEvery?: number;
  /** Milliseconds after which an archiver counts as stuck. */
  readonly archivePatience?: number;
  /** Archived WAL segments of 1 MiB after which a cluster gets a new base backup, and its oldest one goes. */
  readonly segmentsPerBase?: number;
}

export interface Snapshot extends BaseBackup {
  readonly version: 1;
}

/** A time outside of what the archive and the base backups of a cluster can give. */
export class TimeRefusedError extends Error {
  readonly earliest: Date;
  readonly latest: Date;

  constructor(time: Date, earliest: Date, latest: Date) {
    super(`${time.toISOString()} is not between ${earliest.toISOString()} and ${latest.toISOString()}`);
    this.earliest = earliest;
    this.latest = latest;
  }
}

export interface Postgres {
  readonly home: string;
  create(id: string, database: string, master: Master): Promise<void>;
  takeSnapshot(id: string, snapshot: string): Promise<Snapshot>;
  restoreSnapshot(snapshot: string, id: string): Promise<void>;
  /** The time a recovery of this cluster would reach; refused with TimeRefusedError where it cannot. */
  resolveTime(id: string, time: Date | "latest", lag: number): Promise<Date>;
  restoreToTime(source: string, time: Date, id: string): Promise<void>;
  restorable(id: string): { readonly earliest: Date; readonly latest: Date } | undefined;
  has(id: string): boolean;
  /** Removes every cluster and snapshot but these: what a kill made without telling anyone. */
  keepOnly(ids: ReadonlySet<string>): Promise<void>;
  remove(id: string): Promise<void>;
  removeSnapshot(snapshot: string): Promise<void>;
  /** The kept port of a cluster name. */
  portOf(name: string): Promise<number>;
  open(name: string, id: string): Promise<void>;
  shut(name: string): Promise<void>;
  /** Leaves its sessions no room for temporary files, as an instance whose local storage is full: what does not fit into memory fails. */
  fillLocalStorage(id: string): Promise<void>;
  /** Where the server of a cluster logs to. */
  logOf(id: string): ServerLog | undefined;
  /** The process that serves a cluster now, for those who want to break it. */
  pidOf(id: string): number | undefined;
  close(): Promise<void>;
}

/** Often enough that a lost archive costs little of the recoverable range; each fence fills a segment, so this makes 240 MiB an hour. */
const defaultFenceEvery = 15_000;
/** About an hour of WAL under the demo's load, and with two base backups never much more than half a gigabyte. */
const defaultSegmentsPerBase = 256;
const basesKept = 2;

export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const owner = await unprivilegedOwner();
  const home = await prepareHome(path.resolve(options.state), owner, endAll);
  const engine = await prepareEngine(home, owner);
  const admin = { user: "rdsadmin", password: await keptPassword(path.join(home, "admin-password")) };
  const around: Surroundings = {
    engine,
    login: { ...admin, database: "postgres" },
    onEvent: options.onEvent ?? (() => {}),
    fenceEvery: options.fenceEvery ?? defaultFenceEvery,
    archivePatience: options.archivePatience,
    async onFenced(incarnation) {
      if (!clusters.has(incarnation.id) || (await incarnation.segmentsSinceBase()) <= (options.segmentsPerBase ?? defaultSegmentsPerBase))
        return;
      await addBase(incarnation, incarnation.bases);
      // A restore that reads the oldest base keeps it until the next round.
      if (!uses.busy(incarnation.id)) await incarnation.prune(basesKept);
    },
  };
  const clusters = new Map<string, Incarnation>();
  const endpoints = await Endpoints.load(home);
  const uses = new Uses();
  const clusterFolder = (id: string) => path.join(home, "clusters", id);
  const snapshotFolder = (id: string) => path.join(home, "snapshots", id);
  const cluster = (id: string): Incarnation => {
    const found = clusters.get(id);
    if (!found) throw new Error(`No cluster ${id} in ${home}`);
    return found;
  };
  const make = async (id: string, work: (made: Incarnation) => Promise<void>): Promise<void> => {
    const made = new Incarnation(clusterFolder(id), around);
    try {
      await work(made);
    } catch (error) {
      await made.stop();
      throw error;
    }
    clusters.set(id, made);
  };

  const remove = async (id: string): Promise<void> => {
    await uses.idle(id);
    const gone = new Incarnation(clusterFolder(id), around);
    // First, so that a kill in between leaves an unfinished folder, which the next start removes.
    await rm(gone.recordFile, { force: true });
    await clusters.get(id)?.stop();
    clusters.delete(id);
    await rm(gone.folder, { recursive: true, force: true });
  };
  const removeSnapshot = async (snapshot: string): Promise<void> => {
    await uses.idle(snapshot);
    const folder = snapshotFolder(snapshot);
    if (await exists(folder)) await rename(folder, `${folder}.partial`);
    await rm(`${folder}.partial`, { recursive: true, force: true });
  };

  const unlock = await lockFolder(path.join(home, "in-use"));
  const close = async (): Promise<void> => {
    await endpoints.shutAll();
    await Promise.all([...clusters.values()].map((each) => each.stop()));
    await unlock();
  };

  try {
    await removeUnfinished(home);
    for (const id of await readdir(path.join(home, "clusters"))) clusters.set(id, new Incarnation(clusterFolder(id), around));
    const started = await Promise.allSettled([...clusters.values()].map((each) => each.load().then(() => each.start())));
    for (const each of started) if (each.status === "rejected") throw each.reason;
  } catch (error) {
    await close();
    throw error;
  }

  return {
    home,
    create: (id, database, master) => make(id, (made) => createCluster(made, engine, admin, database, master)),
    takeSnapshot: (id, snapshot) =>
      uses.during([id], async () => {
        const source = cluster(id);
        const partial = `${snapshotFolder(snapshot)}.partial`;
        await rm(partial, { recursive: true, force: true });
        const base = await takeBaseBackup(source.login, source.data, source.archive, path.join(partial, "data"));
        const segments = await segmentsBetween(source.archive, base.firstSegment, base.lastSegment);
        await mkdir(path.join(partial, "wal"));
        // Its own WAL, so that the snapshot outlives its cluster.
        const bytes = base.bytes + (await copyAll(source.archive, path.join(partial, "wal"), segments, undefined));
        const taken: Snapshot = { version: 1, ...base, bytes };
        await replaceFile(path.join(partial, "snapshot.json"), JSON.stringify(taken));
        await rename(partial, snapshotFolder(snapshot));
        return taken;
      }),
    restoreSnapshot: (snapshot, id) =>
      uses.during([snapshot], () =>
        make(id, async (made) => {
          const wal = path.join(snapshotFolder(snapshot), "wal");
          const { bytes } = await readSnapshot(snapshotFolder(snapshot));
          const source = { base: path.join(snapshotFolder(snapshot), "data"), wal, segments: await readdir(wal), bytes };
          await restoreCluster(made, engine, source, { until: "backup-end" });
        }),
      ),
    async resolveTime(id, time, lag) {
      const source = cluster(id);
      const fence = await source.lastFence();
      const earliest = source.restorable(fence.at)?.earliest;
      if (!earliest) throw new Error(`${id} has no base backup yet`);
      const newest = new Date(Math.max(fence.at.getTime() - lag, earliest.getTime()));
      const wanted = time === "latest" ? newest : time;
      if (wanted < earliest || wanted > newest) throw new TimeRefusedError(wanted, earliest, newest);
      return wanted;
    },
    restoreToTime: (from, time, id) =>
      uses.during([from], () =>
        make(id, async (made) => {
          const source = cluster(from);
          const fence = await source.lastFence();
          const base = source.bases.findLast(({ endedAt }) => new Date(endedAt) <= time);
          if (!base || time > fence.at) throw new TimeRefusedError(time, new Date(source.bases[0]?.endedAt ?? fence.at), fence.at);
          const segments = await segmentsBetween(source.archive, base.firstSegment, fence.segment);
          const copy = {
            base: path.join(source.folder, "bases", base.name),
            wal: source.archive,
            segments,
            bytes: base.bytes + segments.length * segmentMegabytes * 1024 * 1024,
          };
          await restoreCluster(made, engine, copy, { until: "time", time });
        }),
      ),
    restorable: (id) => clusters.get(id)?.restorable(new Date()),
    has: (id) => clusters.has(id),
    async keepOnly(ids) {
      await Promise.all([...clusters.keys()].filter((id) => !ids.has(id)).map(remove));
      await Promise.all((await readdir(path.join(home, "snapshots"))).filter((id) => !ids.has(id)).map(removeSnapshot));
    },
    remove,
    removeSnapshot,
    portOf: async (name) => (await endpoints.of(name)).port,
    open: async (name, id) => (await endpoints.of(name)).open(id, () => clusters.get(id)?.port),
    shut: async (name) => (await endpoints.of(name)).shut(),
    fillLocalStorage: (id) =>
      withSession(cluster(id).login, async (client) => {
        // PostgreSQL's least, so that the demo application's tables do not fit.
        for (const limit of ["work_mem", "temp_file_limit"]) await client.query(`alter system set ${limit} = '64kB'`);
        await client.query("select pg_reload_conf()");
      }),
    logOf: (id) => clusters.get(id)?.log,
    pidOf: (id) => clusters.get(id)?.pid,
    close,
  };
}

/** The kept ports of cluster names. */
class Endpoints {
  readonly #file: string;
  readonly #ports: Map<string, number>;
  readonly #made = new Map<string, Promise<Endpoint>>();
  #last: Promise<unknown> = Promise.resolve();

  private constructor(file: string, ports: Map<string, number>) {
    this.#file = file;
    this.#ports = ports;
  }

  static async load(home: string): Promise<Endpoints> {
    const file = path.join(home, "ports.json");
    const kept: unknown = (await exists(file)) ? JSON.parse(await readFile(file, "utf8")) : {};
    if (typeof kept !== "object" || kept === null) throw new Error(`${file} is not an object of cluster names and ports`);
    return new Endpoints(file, new Map(Object.entries(kept).map(([name, port]) => [name, Number(port)])));
  }

  of(name: string): Promise<Endpoint> {
    const known = this.#made.get(name);
    if (known) return known;
    // One after another: two at once would choose from the same free ports and write the same file.
    const made = this.#last.then(() => this.#make(name));
    this.#last = made.catch(() => {});
    this.#made.set(name, made);
    return made;
  }

  async shutAll(): Promise<void> {
    for (const made of this.#made.values()) await (await made).shut();
  }

  async #make(name: string): Promise<Endpoint> {
    const endpoint = await makeEndpoint(name, `${this.#file}:${name}`, this.#ports.get(name), new Set(this.#ports.values()));
    this.#ports.set(name, endpoint.port);
    await replaceFile(this.#file, JSON.stringify(Object.fromEntries(this.#ports)));
    return endpoint;
  }
}

/** What is being read by a running snapshot or restore may not be removed under it. */
class Uses {
  readonly #running = new Map<string, Set<Promise<unknown>>>();

  async during<T>(keys: readonly string[], work: () => Promise<T>): Promise<T> {
    const running = work();
    for (const key of keys) this.#running.set(key, (this.#running.get(key) ?? new Set()).add(running));
    try {
      return await running;
    } finally {
      for (const key of keys) this.#running.get(key)?.delete(running);
    }
  }

  busy(key: string): boolean {
    return (this.#running.get(key)?.size ?? 0) > 0;
  }

  async idle(key: string): Promise<void> {
    await Promise.allSettled(this.#running.get(key) ?? []);
  }
}

async function keptPassword(file: string): Promise<string> {
  if (!(await exists(file))) await replaceFile(file, randomBytes(24).toString("base64url"));
  return readFile(file, "utf8");
}

async function readSnapshot(folder: string): Promise<Snapshot> {
  const taken: unknown = JSON.parse(await readFile(path.join(folder, "snapshot.json"), "utf8"));
  if (isSnapshot(taken)) return taken;
  throw new Error(`${folder} holds a snapshot of another version: start afresh with an empty state folder`);
}

function isSnapshot(value: unknown): value is Snapshot {
  return (
    typeof value === "object" &&
    value !== null &&
    "version" in value &&
    value.version === 1 &&
    "bytes" in value &&
    typeof value.bytes === "number"
  );
}

async function endAll(home: string): Promise<void> {
  for (const id of await readdir(path.join(home, "clusters")).catch(() => [])) await endSurvivor(path.join(home, "clusters", id, "data"));
}

/** What a kill left half-made was never told to anyone as done, so it goes. */
async function removeUnfinished(home: string): Promise<void> {
  const folders = { clusters: path.join(home, "clusters"), snapshots: path.join(home, "snapshots") };
  await mkdir(folders.clusters, { recursive: true, mode: 0o711 });
  await mkdir(folders.snapshots, { recursive: true, mode: 0o700 });
  for (const id of await readdir(folders.clusters)) {
    if (await exists(path.join(folders.clusters, id, "cluster.json"))) continue;
    await endSurvivor(path.join(folders.clusters, id, "data"));
    await rm(path.join(folders.clusters, id), { recursive: true, force: true });
  }
  for (const id of await readdir(folders.snapshots)) {
    if (id.endsWith(".partial")) await rm(path.join(folders.snapshots, id), { recursive: true, force: true });
  }
}

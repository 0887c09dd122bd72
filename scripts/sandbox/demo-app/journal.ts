import { appendFileSync, createReadStream, existsSync, readFileSync, truncateSync } from "node:fs";
import { createInterface } from "node:readline";
import type pg from "pg";
import { commitTimestamp, only, type Row, type TableName } from "./database.ts";

export interface Change {
  readonly table: TableName;
  readonly op: "insert" | "update" | "delete";
  /** Every row in full as it is after the change; for a deletion, as it was before. */
  readonly rows: readonly Row[];
  /** What an update set; left out where whoever made it does not say. */
  readonly columns?: readonly string[];
}

/** What one transaction changed: most change one table in one way, and `more` is what else some do. */
export interface Changes extends Change {
  readonly more?: readonly Change[];
}

export interface JournalEntry extends Change {
  readonly xid: string;
  /** pg_xact_commit_timestamp, RFC 3339 with microseconds. */
  readonly at: string;
}

interface Intent extends Changes {
  readonly xid: string;
}

/** What the journal needs of a connection. */
export type Connection = Pick<pg.Client, "query">;

/** Intents of finished transactions are forgotten once they take this much disk. */
const intentLimit = 1024 * 1024;

/**
 * What really happened, kept outside of the database: one line for each commit. An intent is written before the commit, so that a
 * connection or a process that breaks between commit and line is settled later by asking the database what became of it.
 */
export class Journal {
  readonly file: string;
  readonly #intentFile: string;
  readonly #open = new Map<string, Intent>();
  readonly #onEntry: (entry: JournalEntry) => void;
  #intentBytes = 0;

  constructor(file: string, onEntry: (entry: JournalEntry) => void = () => {}) {
    this.file = file;
    this.#intentFile = `${file}.intents`;
    this.#onEntry = onEntry;
    cutTornLine(file);
    cutTornLine(this.#intentFile);
    this.#loadIntents();
  }

  /** Runs one transaction and writes down what it changed; returns its first change. */
  async commit(client: Connection, change: (client: Connection) => Promise<Changes>): Promise<JournalEntry> {
    await client.query("begin");
    let intent: Intent;
    try {
      const made = await change(client);
      const { xid } = only(await client.query<{ xid: string }>("select pg_current_xact_id()::text as xid"));
      intent = { xid, ...made };
    } catch (error) {
      await client.query("rollback").catch(() => {});
      throw error;
    }
    this.#intend(intent);
    await client.query("commit");
    return this.#write(client, intent);
  }

  /** Settles what broke between commit and line. What the database does not know of was never committed to it. */
  async settle(client: Connection, xids: readonly string[] = [...this.#open.keys()]): Promise<void> {
    for (const xid of xids) {
      const intent = this.#open.get(xid);
      if (!intent) continue;
      const status = await transactionStatus(client, xid);
      if (status === "in progress") continue;
      if (status === "committed") await this.#write(client, intent);
      else this.#forget(intent);
    }
  }

  get unsettled(): readonly string[] {
    return [...this.#open.keys()];
  }

  async #write(client: Connection, intent: Intent): Promise<JournalEntry> {
    const { xid, more = [], ...change } = intent;
    const { at } = only(await client.query<{ at: string }>(`select ${commitTimestamp} as at`, [xid]));
    const entry: JournalEntry = { xid, at, ...change };
    // While this connection asked, another one may have settled it, and after a crash begun a transaction that was given the same id.
    if (this.#open.get(xid) !== intent) return entry;
    const entries = [entry, ...more.map((each): JournalEntry => ({ xid, at, ...each }))];
    appendFileSync(this.file, entries.map((each) => `${JSON.stringify(each)}\n`).join(""), { mode: 0o600 });
    this.#forget(intent);
    for (const each of entries) this.#onEntry(each);
    return entry;
  }

  #intend(intent: Intent): void {
    const line = `${JSON.stringify(intent)}\n`;
    appendFileSync(this.#intentFile, line, { mode: 0o600 });
    this.#intentBytes += line.length;
    this.#open.set(intent.xid, intent);
  }

  #forget(intent: Intent): void {
    if (this.#open.get(intent.xid) !== intent) return;
    this.#open.delete(intent.xid);
    if (this.#open.size > 0 || this.#intentBytes < intentLimit) return;
    truncateSync(this.#intentFile);
    this.#intentBytes = 0;
  }

  #loadIntents(): void {
    if (!existsSync(this.#intentFile)) return;
    const text = readFileSync(this.#intentFile, "utf8");
    this.#intentBytes = text.length;
    for (const line of text.split("\n").filter(Boolean)) {
      const intent: Intent = JSON.parse(line);
      this.#open.set(intent.xid, intent);
    }
    if (this.#open.size === 0 || !existsSync(this.file)) return;
    for (const line of readFileSync(this.file, "utf8").split("\n").filter(Boolean)) {
      const { xid }: JournalEntry = JSON.parse(line);
      this.#open.delete(xid);
    }
  }
}

/** Every whole line of a journal; the last one may be torn by a kill and is settled by whoever opens it for writing. */
export async function* readJournal(file: string): AsyncGenerator<JournalEntry> {
  if (!existsSync(file)) return;
  for await (const line of createInterface({ input: createReadStream(file, "utf8"), crlfDelay: Number.POSITIVE_INFINITY })) {
    if (!line.endsWith("}")) continue;
    const entry: JournalEntry = JSON.parse(line);
    yield entry;
  }
}

async function transactionStatus(client: Connection, xid: string): Promise<string | null> {
  try {
    return only(await client.query<{ status: string | null }>("select pg_xact_status($1::xid8) as status", [xid])).status;
  } catch (error) {
    // 22023: an id that this database has not reached, because another one took its place.
    if (error instanceof Error && "code" in error && error.code === "22023") return null;
    throw error;
  }
}

function cutTornLine(file: string): void {
  if (!existsSync(file)) return;
  const content = readFileSync(file);
  const end = content.lastIndexOf("\n") + 1;
  if (end < content.length) truncateSync(file, end);
}

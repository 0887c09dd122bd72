/** From alerts.jsonl to the ledger: alert kinds only, each transition once, and never into a ledger that is broken or shorter than it was. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod/mini";
import { type Alert, alertDraft, type Entry, type Head, type Privacy } from "../domain/index.ts";
import type { Ledger, LedgerView } from "../ledger/ledger.ts";
import { writeWhole } from "./write-whole.ts";

export interface PublishOptions {
  readonly ledger: Ledger;
  /** Where the last head seen is remembered: a chain alone cannot show that its tail was cut off. */
  readonly folder: string;
  /** The login behind the collector's token. */
  readonly actor: () => Promise<string>;
  readonly privacy: Privacy;
  readonly now: () => Date;
  /** Every reading of the ledger, for what else depends on it. */
  readonly seen: (view: LedgerView) => void;
}

export interface Publisher {
  take(alerts: readonly Alert[]): Promise<void>;
  /** Reads the ledger, as far as it is new. */
  refresh(): Promise<void>;
}

/** The ledger ends before an entry that was seen, or holds another in its place. */
export class ShortenedLedger extends Error {
  override readonly name = "ShortenedLedger";
}

const headSchema = z.object({ seq: z.int(), hash: z.string() });

export async function openPublisher({ ledger, folder, actor, privacy, now, seen }: PublishOptions): Promise<Publisher> {
  const file = join(folder, "ledger-head.json");
  let remembered = await readHead(file);

  const look = async (view: LedgerView): Promise<void> => {
    if (remembered !== null) checkHead(view.entries, remembered, file);
    if (view.head.seq > (remembered?.seq ?? 0)) {
      remembered = view.head;
      await writeWhole(file, `${JSON.stringify(view.head)}\n`);
    }
    seen(view);
  };

  return {
    async take(alerts) {
      // Read first: an append in good faith onto a shortened ledger would make the loss look like history.
      await look(await ledger.read());
      const writer = { actor: await actor(), run: "collector", now: now() };
      const drafts = alerts.flatMap((alert) => alertDraft(alert, writer, privacy) ?? []);
      if (drafts.length > 0) await look(await ledger.append(drafts));
    },
    async refresh() {
      await look(await ledger.read());
    },
  };
}

function checkHead(entries: readonly Entry[], remembered: Head, file: string): void {
  const there = entries[remembered.seq - 1];
  if (there?.hash === remembered.hash) return;
  const found = there === undefined ? `it ends at entry ${entries.length}` : `entry ${remembered.seq} is another one`;
  throw new ShortenedLedger(
    `The ledger is not the one that was seen before: entry ${remembered.seq} was ${remembered.hash}, now ${found}. Alerts wait on disk. Restore branch ledger; if its loss is accepted, remove ${file}.`,
  );
}

async function readHead(file: string): Promise<Head | null> {
  const text = await readFile(file, "utf8").catch(() => null);
  return text === null ? null : headSchema.parse(JSON.parse(text));
}

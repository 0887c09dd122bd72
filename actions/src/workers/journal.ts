/** A request's own pages of the ledger: one entry a step, written when the step is over, never twice. */
import { type Draft, type Entry, type EntryData, type EntryKind, entryId, type Head } from "../domain/index.ts";
import type { Origin } from "../github/runs.ts";
import type { Ledger, LedgerView } from "../ledger/ledger.ts";

export interface Journal {
  /** The entry of a step that is already recorded, by this run or an earlier one of the same request. */
  recorded(step: string): Entry | undefined;
  /** Records that a step is over; the entry that stands, which may be an earlier run's. */
  record(step: string, kind: EntryKind, data: EntryData): Promise<Entry>;
  /** Adds entries that have names of their own, such as an alert's; those that stand already stay as they are. */
  append(drafts: readonly Draft[]): Promise<LedgerView>;
  /** The ledger as this journal last saw it. */
  view(): LedgerView;
}

export interface Request {
  readonly requestId: string;
  readonly reason: string;
  readonly incident?: string;
}

export async function openJournal(ledger: Ledger, request: Request, origin: Origin, now: () => Date): Promise<Journal> {
  let view = await ledger.read();
  const find = (step: string) => view.entries.find((entry) => entry.id === entryId(request.requestId, step));
  return {
    recorded: find,
    async record(step, kind, data) {
      const draft: Draft = {
        id: entryId(request.requestId, step),
        at: now().toISOString(),
        kind,
        actor: origin.actor,
        run: origin.run,
        reason: request.reason,
        data: { requestId: request.requestId, ...data },
        ...(request.incident === undefined ? {} : { incident: request.incident }),
      };
      view = await ledger.append([draft]);
      const entry = find(step);
      if (entry === undefined) throw new Error(`the ledger took entry ${draft.id} but does not show it`);
      return entry;
    },
    async append(drafts) {
      view = await ledger.append(drafts);
      return view;
    },
    view: () => view,
  };
}

/** The same journal for work that goes on side by side: one entry after the other, so that it never races with itself for the ledger. */
export function inTurn(journal: Journal): Journal {
  let last: Promise<unknown> = Promise.resolve();
  return {
    ...journal,
    record(...entry) {
      const turn = last.then(() => journal.record(...entry));
      last = turn.catch(() => {});
      return turn;
    },
  };
}

/** Head and commit in words: kept in every job summary, so that a ledger whose tail was cut off can be told from a whole one. */
export function describeHead(head: Head, commit: string | null): string {
  return `Ledger head: entry ${head.seq}, hash ${head.hash}, commit ${commit ?? "none"}`;
}

/**
 * The ledger as workers use it: read what is there, append what happened. Appending is compare-and-swap on the branch's head; losing the race
 * is normal: read again, number again, hash again. An entry's id makes a second append of the same entry a no-op, also when the answer to the
 * first was lost after it had landed. Never force-pushes; never edits.
 */
import {
  chain,
  type Draft,
  type Entry,
  formatSegment,
  type Head,
  headOf,
  placeOf,
  rollupPath,
  type Segment,
  segmentFiles,
  segmentPath,
  splitRollups,
  verify,
} from "../domain/index.ts";
import type { Branch, BranchFile } from "../github/branch.ts";
import { isPassing } from "../github/client.ts";

export interface Ledger {
  /** Every entry, verified. Throws BrokenLedger when it does not verify. */
  read(): Promise<LedgerView>;
  /** Appends the drafts whose ids are not there yet, all or none, and returns the ledger after it. */
  append(drafts: readonly Draft[]): Promise<LedgerView>;
}

export interface LedgerView {
  readonly entries: readonly Entry[];
  readonly head: Head;
  /** The commit that holds the head; null while there is no ledger. */
  readonly commit: string | null;
}

export class BrokenLedger extends Error {
  override readonly name = "BrokenLedger";
}

/** Somebody else won every one of our attempts: nothing was written, trying again later is right. */
export class LedgerBusy extends Error {
  override readonly name = "LedgerBusy";
}

export interface LedgerOptions {
  readonly branch: Branch;
  /** Branch `status`, whose roll-ups save requests; it is never trusted over the segments. */
  readonly status: Pick<Branch, "head" | "files" | "read">;
  readonly wait: (ms: number) => Promise<void>;
  readonly random: () => number;
}

// Each race has a winner, so of some rivals each lands within a few tries; five workers on a crowded machine lost ten in a row, and a recovery
// must not end for that. The pause is spread so that rivals part, and stays short: whoever waits longest for a turn would lose the next one too.
const RACES = 40;
const LONGEST_TURN_MS = 1_000;
// A GitHub that does not answer is another matter: every request has been tried again before it counts here, and whoever waits for the end of this
// is not told anything meanwhile.
const FAILURES = 10;
const PAUSE_MS = 250;
const FEW_SEGMENTS = 10;

export function openLedger({ branch, status, wait, random }: LedgerOptions): Ledger {
  // A run may ask GitHub 1,000 times an hour, together with all others of the repository. Who wrote last need not read again before writing:
  // if anybody else wrote meanwhile, the compare-and-swap fails and says so.
  let seen: LedgerView | null = null;
  // Segments never change, so whoever lost a race reads only what the winners added: the shorter the look, the better the next chance.
  const known = new Map<string, Segment>();

  const read = async (): Promise<LedgerView> => {
    seen = await readWhole();
    return seen;
  };

  const readWhole = async (): Promise<LedgerView> => {
    const commit = await branch.head();
    if (commit === null) return { entries: [], head: headOf([]), commit };
    const verdict = verify(await readSegments(branch, status, commit, known));
    if (!verdict.ok) {
      throw new BrokenLedger(
        `The ledger is broken at ${placeOf(verdict.broken)}: ${verdict.broken.problem}. Nothing was appended; run holdfast verify-ledger on a checkout of branch ledger.`,
      );
    }
    return { entries: verdict.entries, head: verdict.head, commit };
  };

  const tryAppend = async (view: LedgerView, drafts: readonly Draft[]): Promise<string | null> => {
    const entries = chain(view.head, drafts);
    const [first] = entries;
    if (first === undefined) return view.commit;
    const files = [{ path: segmentPath(first), text: formatSegment(entries) }];
    const message = entries.map((entry) => entry.kind).join(", ");
    const outcome = view.commit === null ? await branch.create(message, files) : await branch.commitOn(view.commit, message, files);
    return outcome.moved ? null : outcome.head;
  };

  return {
    read,
    async append(drafts) {
      let races = 0;
      let failures = 0;
      while (races < RACES) {
        try {
          const view = seen ?? (await read());
          const known = new Set(view.entries.map((entry) => entry.id));
          const missing = drafts.filter((draft) => !known.has(draft.id));
          if (missing.length === 0) return view;
          const commit = await tryAppend(view, missing);
          if (commit !== null) {
            seen = viewAfter(view, missing, commit);
            return seen;
          }
          races += 1;
          await wait(Math.min(PAUSE_MS * races, LONGEST_TURN_MS) * (0.5 + random()));
        } catch (error) {
          if (error instanceof BrokenLedger) throw error;
          if (!isPassing(error)) throw new Error("GitHub refused to write the ledger", { cause: error });
          failures += 1;
          if (failures === FAILURES) throw new Error("The ledger could not be written", { cause: error });
          await wait(PAUSE_MS * failures * (0.5 + random()));
        }
        // The answer may have been lost after the commit landed: reading again is the only way to know.
        seen = null;
      }
      throw new LedgerBusy(`The ledger moved during each of ${RACES} attempts to append; nothing was written. Try again.`);
    },
  };
}

function viewAfter(view: LedgerView, drafts: readonly Draft[], commit: string): LedgerView {
  const entries = [...view.entries, ...chain(view.head, drafts)];
  return { entries, head: headOf(entries), commit };
}

/** `known` holds segments that were read before, by blob; what is read now joins them. */
async function readSegments(
  branch: Branch,
  status: LedgerOptions["status"],
  commit: string,
  known: Map<string, Segment>,
): Promise<readonly Segment[]> {
  const files = segmentFiles(await branch.files(commit));
  const added = files.filter((file) => !known.has(file.sha));
  // Roll-ups cost requests of their own, so they pay only where many segments are new.
  const read =
    known.size > 0 && added.length <= FEW_SEGMENTS ? await readEach(branch, added) : await readWithRollups(branch, status, files);
  const byPath = new Map([...known.values(), ...read].map((segment) => [segment.path, segment]));
  return files.flatMap((file) => {
    const segment = byPath.get(file.path);
    if (segment === undefined) return [];
    known.set(file.sha, segment);
    return [segment];
  });
}

async function readWithRollups(branch: Branch, status: LedgerOptions["status"], files: readonly BranchFile[]): Promise<readonly Segment[]> {
  const { covered, missing } = splitRollups(files, await readRollups(status, files));
  const rest = await readEach(branch, missing);
  const segments = [...covered, ...rest];
  // A roll-up is a convenience that anyone with write access can replace: where it does not fit, the segments decide.
  return covered.length === 0 || verify(segments).ok ? segments : readEach(branch, files);
}

async function readEach(branch: Branch, files: readonly BranchFile[]): Promise<readonly Segment[]> {
  const segments: Segment[] = [];
  for (const file of files) segments.push({ path: file.path, text: await branch.read(file.sha) });
  return segments;
}

async function readRollups(status: LedgerOptions["status"], segments: readonly BranchFile[]): Promise<readonly string[]> {
  const head = await status.head();
  if (head === null) return [];
  const days = new Set(segments.map((file) => rollupPath(file.path.slice(0, 10).replaceAll("/", "-"))));
  const rollups = (await status.files(head)).filter((file) => days.has(file.path));
  return Promise.all(rollups.map((file) => status.read(file.sha)));
}

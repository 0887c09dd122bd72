/** Reads the whole ledger with few requests and verifies it here, in the browser: nobody's word is taken for it. */
import { EMPTY_HEAD, type Head, type Segment, segmentFiles, splitRollups, type Verdict, verify } from "@holdfast/actions/domain";
import type { GitHub } from "./github.ts";

export type LedgerSource = Pick<GitHub, "tree" | "blob">;

export interface LedgerReading {
  readonly verdict: Verdict;
  /** The commit that was read; null when there is no ledger yet. */
  readonly commit: string | null;
  readonly segments: number;
}

const ROLLUP = /^ledger\/\d{4}-\d{2}-\d{2}\.jsonl$/;

/**
 * Roll-ups only save requests. Where they do not verify, the segments decide; `remembered` is the head seen before, so that a cut-off tail shows.
 */
export async function readLedger(source: LedgerSource, commit: string | null, remembered?: Head): Promise<LedgerReading> {
  if (commit === null) return { verdict: verify([], remembered), commit, segments: 0 };
  const [tree, views] = await Promise.all([source.tree(commit), source.tree("status")]);
  if (tree === null) throw new Error(`GitHub lists the ledger's head ${commit} but does not know its files`);
  const files = segmentFiles(tree);
  const rollups = await Promise.all((views ?? []).filter((file) => ROLLUP.test(file.path)).map((file) => source.blob(file.sha)));
  const { covered, missing } = splitRollups(files, rollups);
  const verdict = verify([...covered, ...(await fetchAll(source, missing))], remembered);
  const done = { commit, segments: files.length };
  if (verdict.ok || covered.length === 0) return { ...done, verdict };
  return { ...done, verdict: verify(await fetchAll(source, files), remembered) };
}

function fetchAll(source: LedgerSource, files: readonly { readonly path: string; readonly sha: string }[]): Promise<Segment[]> {
  return Promise.all(files.map(async ({ path, sha }) => ({ path, text: await source.blob(sha) })));
}

/** The head to remember after a reading: never one that lies behind, never one of a ledger that does not hold. */
export function nextRemembered(verdict: Verdict, remembered: Head | undefined): Head | undefined {
  if (!verdict.ok || verdict.head.seq === EMPTY_HEAD.seq) return remembered;
  return verdict.head;
}

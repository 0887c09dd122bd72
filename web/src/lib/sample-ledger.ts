/** Ledgers for tests: real chains, so that what is verified is verified. */

import { chain, type Draft, EMPTY_HEAD, type Entry, entryId, formatSegment, headOf, segmentPath } from "@holdfast/actions/domain";
import type { LedgerSource } from "./read-ledger.ts";

export const REQUEST = "3f0e1c52-6d0b-4b7e-9d53-0f2a4c1be871";

export function draft(
  kind: Draft["kind"],
  at: string,
  more: { readonly id?: string; readonly step?: string; readonly data?: Draft["data"]; readonly run?: string } = {},
): Draft {
  const id = more.id ?? REQUEST;
  const step = more.step ?? kind.slice(kind.indexOf(".") + 1);
  return {
    id: entryId(id, step),
    at,
    kind,
    actor: "alice",
    run: more.run ?? "7/1",
    reason: step === "requested" ? "Prices are wrong" : "",
    data: { requestId: id, cluster: "app-prod", ...more.data },
  };
}

/** One segment a group. */
export function ledgerOf(...groups: readonly (readonly Draft[])[]): readonly (readonly Entry[])[] {
  const made: Entry[][] = [];
  for (const group of groups) made.push([...chain(headOf(made.flat()), group)]);
  return made;
}

export interface SampleSource extends LedgerSource {
  readonly read: string[];
}

/** A repository with these segments and these roll-ups; `read` names the blobs that were fetched. */
export function sourceOf(groups: readonly (readonly Entry[])[], rollups: Readonly<Record<string, string>>): SampleSource {
  const read: string[] = [];
  const blobs = new Map<string, string>();
  const keep = (path: string, text: string) => {
    const sha = `blob ${blobs.size}`;
    blobs.set(sha, text);
    return { path, sha };
  };
  const segments = groups.map((group) => keep(segmentPath(group[0] ?? { at: "1970-01-01", seq: EMPTY_HEAD.seq }), formatSegment(group)));
  const views = Object.entries(rollups).map(([path, text]) => keep(path, text));
  return {
    read,
    tree: async (ref) => (ref === "status" ? views : segments),
    blob: async (sha) => {
      const text = blobs.get(sha);
      if (text === undefined) throw new Error(`no blob ${sha}`);
      read.push(text.slice(0, 40));
      return text;
    },
  };
}

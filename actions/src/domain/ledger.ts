/**
 * The ledger's format: one entry a line, numbered and chained by hash, in immutable segments. Pure: reading and writing branches is the
 * ledger room's work. The verifier here is the only one; workers, the command line and the page all run it.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import canonicalize from "canonicalize";
import * as z from "zod/mini";
import { formatPath, showValue } from "./problem.ts";

/** Everything that can happen, and nothing else: a new kind is a change of this list. */
export const ENTRY_KINDS = [
  "promotion.completed",
  "promotion.refused",
  "schedule.dispatched",
  "snapshot.requested",
  "snapshot.creating",
  "snapshot.completed",
  "snapshot.refused",
  "snapshot.failed",
  "restore.requested",
  "restore.cluster-creating",
  "restore.cluster-available",
  "restore.instance-creating",
  "restore.instance-available",
  "restore.connected",
  "restore.checked",
  "restore.completed",
  "restore.refused",
  "restore.failed",
  "drill.requested",
  "drill.cluster-creating",
  "drill.cluster-available",
  "drill.instance-creating",
  "drill.instance-available",
  "drill.connected",
  "drill.checked",
  "drill.completed",
  "drill.refused",
  "drill.failed",
  "rewind.requested",
  /** Two scratch clusters are restored for a rewind; the entry's data say which one it is about. */
  "rewind.image-requested",
  "rewind.image-creating",
  "rewind.image-available",
  "rewind.image-instance-creating",
  "rewind.image-instance-available",
  "rewind.image-connected",
  "rewind.image-checked",
  "rewind.image-completed",
  "rewind.imaged",
  "rewind.planned",
  "rewind.guarding",
  "rewind.guarded",
  /** Written before the one transaction begins to write, with its id: after a crash the database is asked what became of it. */
  "rewind.applying",
  "rewind.applied",
  "rewind.verified",
  "rewind.completed",
  "rewind.refused",
  "rewind.failed",
  "plan.completed",
  "plan.refused",
  "plan.failed",
  "rehearsal.requested",
  "rehearsal.cluster-creating",
  "rehearsal.cluster-available",
  "rehearsal.instance-creating",
  "rehearsal.instance-available",
  "rehearsal.connected",
  "rehearsal.checked",
  "rehearsal.completed",
  "rehearsal.refused",
  "rehearsal.failed",
  "migration.approved",
  "migration.prepared",
  "migration.applied",
  "migration.completed",
  /** It ended before its end, and nothing unfinished stands: what was applied whole is named. */
  "migration.stopped",
  "migration.refused",
  /** What stands in the database is unknown or half done. */
  "migration.failed",
  "cleanup.requested",
  "cleanup.completed",
  "cleanup.refused",
  "cleanup.failed",
  "cut-over.requested",
  "cut-over.carried",
  "cut-over.old-renamed",
  "cut-over.new-renamed",
  "cut-over.completed",
  "cut-over.refused",
  "cut-over.failed",
  "retention.planned",
  "retention.deleting",
  "retention.deleted",
  "retention.completed",
  "retention.refused",
  "retention.failed",
  "hold.requested",
  "hold.completed",
  "hold.refused",
  "hold.failed",
  "alert.opened",
  "alert.ended",
  "alert.acknowledged",
  "alert.resolved",
  "silence.started",
  "silence.ended",
  "override.started",
  "override.ended",
  "respond.refused",
  "respond.failed",
  "detect.completed",
  "detect.refused",
  "detect.failed",
  "alerts.pulled",
  "alerts.refused",
  "alerts.failed",
  "canary.received",
  "canary.missing",
  "canary.refused",
  "canary.failed",
  "notice.failed",
  /** A reviewer let a waiting run begin, or did not; the actor is the reviewer, the reason what they wrote. */
  "request.approved",
  "request.rejected",
  /** A run that was over before any job of it began, and that nobody rejected: cancelled, or waited too long. */
  "request.lapsed",
  /** A run that began and ended without a word: what it left is unknown. */
  "request.lost",
  /** A run began, and who let it could not be read. */
  "request.reviews-unread",
] as const;
export type EntryKind = (typeof ENTRY_KINDS)[number];

const hash = z.string().check(z.regex(/^[0-9a-f]{64}$/, "a SHA-256 in hexadecimal"));

const entryFields = {
  v: z.literal(1),
  /** Rises by one over the whole ledger, from 1. */
  seq: z.int().check(z.minimum(1, "a whole number from 1")),
  /** What makes an append idempotent: `<request id>:<step>` or `<alert id>:<transition>`. */
  id: z.string().check(z.minLength(1, "some text"), z.maxLength(200, "at most 200 characters")),
  at: z.iso.datetime({ precision: 3, error: "a UTC time with milliseconds" }),
  kind: z.enum(ENTRY_KINDS),
  /** The incident this belongs to, when there is one. */
  incident: z.optional(z.string()),
  /** The login GitHub vouches for; never an input. */
  actor: z.string().check(z.minLength(1, "a login")),
  /** The workflow run, `<run id>/<attempt>`, or `local` for a worker started by hand. */
  run: z.string(),
  reason: z.string(),
  data: z.record(z.string(), z.json()),
  /** Hash of the entry before; zeros for the first. */
  prev: hash,
};

const unhashedSchema = z.strictObject(entryFields);
export const entrySchema = z.strictObject({ ...entryFields, /** SHA-256 of the RFC 8785 form of everything above. */ hash });

export type Entry = z.output<typeof entrySchema>;
export type EntryData = Entry["data"];
/** What a writer brings; the ledger adds the number and the chain. */
export type Draft = Omit<Entry, "v" | "seq" | "prev" | "hash">;

/** The last entry's place: what has to be remembered outside, because a chain alone cannot show that its tail was cut off. */
export interface Head {
  readonly seq: number;
  readonly hash: string;
}

export const EMPTY_HEAD: Head = { seq: 0, hash: "0".repeat(64) };

export function hashEntry(entry: z.output<typeof unhashedSchema>): string {
  const text = canonicalize(entry);
  if (text === undefined) throw new TypeError("an entry always has a canonical form");
  return bytesToHex(sha256(utf8ToBytes(text)));
}

/** Numbers and chains drafts behind `head`, in order. */
export function chain(head: Head, drafts: readonly Draft[]): readonly Entry[] {
  let last = head;
  return drafts.map((draft) => {
    const unhashed = unhashedSchema.parse({ ...draft, v: 1, seq: last.seq + 1, prev: last.hash });
    const entry: Entry = { ...unhashed, hash: hashEntry(unhashed) };
    last = entry;
    return entry;
  });
}

export function headOf(entries: readonly Entry[]): Head {
  const last = entries.at(-1);
  return last === undefined ? EMPTY_HEAD : { seq: last.seq, hash: last.hash };
}

/** `2026/11/20/000000000128.jsonl`: the day and number of its first entry, so that paths sort as entries do. */
export function segmentPath(first: Pick<Entry, "at" | "seq">): string {
  return `${first.at.slice(0, 10).replaceAll("-", "/")}/${String(first.seq).padStart(12, "0")}.jsonl`;
}

const SEGMENT = /^(\d{4})\/(\d{2})\/(\d{2})\/(\d{12})\.jsonl$/;

/** The number a segment's path promises for its first entry, or null for a path that is not a segment. */
export function segmentStart(path: string): number | null {
  const match = SEGMENT.exec(path);
  return match?.[4] === undefined ? null : Number(match[4]);
}

export function formatSegment(entries: readonly Entry[]): string {
  return entries.map((entry) => `${JSON.stringify(entry)}\n`).join("");
}

export interface Segment {
  readonly path: string;
  readonly text: string;
}

export interface Break {
  readonly path: string;
  /** From 1; 0 when it is the file itself that is wrong. */
  readonly line: number;
  readonly problem: string;
}

/** A break's place in words. */
export function placeOf({ path, line }: Break): string {
  return line === 0 ? path : `${path}, line ${line}`;
}

export type Verdict =
  | { readonly ok: true; readonly entries: readonly Entry[]; readonly head: Head }
  | { readonly ok: false; readonly entries: readonly Entry[]; readonly head: Head; readonly broken: Break };

/**
 * Checks segments against each other, in the order of the entries they promise: shapes, numbers, hashes, chain, ids given once, and, where
 * a head was remembered, that the ledger still reaches it. Stops at the first break; `entries` are those before it.
 */
export function verify(segments: readonly Segment[], remembered?: Head): Verdict {
  const entries: Entry[] = [];
  const ids = new Map<string, number>();
  let head = EMPTY_HEAD;
  const broken = (path: string, line: number, problem: string): Verdict => ({ ok: false, entries, head, broken: { path, line, problem } });

  for (const segment of inOrder(segments)) {
    const start = segmentStart(segment.path);
    if (start === null) return broken(segment.path, 0, "not a segment: the name must be YYYY/MM/DD/<first seq, 12 digits>.jsonl");
    if (start !== head.seq + 1)
      return broken(
        segment.path,
        0,
        `the name promises entry ${start}, but the entry before is ${head.seq}: a segment is missing or misnamed`,
      );
    if (segment.text === "" || !segment.text.endsWith("\n"))
      return broken(segment.path, 0, "the segment is empty or its last line is cut off");
    for (const [index, line] of segment.text.slice(0, -1).split("\n").entries()) {
      const read = readEntry(line);
      if (typeof read === "string") return broken(segment.path, index + 1, read);
      const problem = mismatch(read, head) ?? repeatedId(read, ids) ?? misfiled(read, index, segment.path);
      if (problem !== null) return broken(segment.path, index + 1, problem);
      ids.set(read.id, read.seq);
      entries.push(read);
      head = { seq: read.seq, hash: read.hash };
      if (remembered?.seq === head.seq && remembered.hash !== head.hash) {
        return broken(segment.path, index + 1, `entry ${head.seq} is not the one remembered: history was replaced`);
      }
    }
  }
  if (remembered && remembered.seq > head.seq) {
    return broken(
      inOrder(segments).at(-1)?.path ?? "(no segment)",
      0,
      `the ledger ends at entry ${head.seq}, but entry ${remembered.seq} was seen before: its tail was cut off`,
    );
  }
  return { ok: true, entries, head };
}

function inOrder(segments: readonly Segment[]): readonly Segment[] {
  return segments.toSorted((a, b) => (segmentStart(a.path) ?? 0) - (segmentStart(b.path) ?? 0));
}

/** An entry, or what is wrong with the line. */
export function readEntry(line: string): Entry | string {
  let document: unknown;
  try {
    document = JSON.parse(line);
  } catch {
    return `not JSON: ${showValue(line)}`;
  }
  // The hash covers what a line means; other bytes with the same meaning (a key given twice, escapes, spaces) would let a reader see something else.
  if (JSON.stringify(document) !== line) return "not written as the ledger writes: a repeated key, a needless space or an escape";
  const result = z.safeParse(entrySchema, document);
  if (result.success) return result.data;
  return result.error.issues.map((issue) => `${formatPath(issue.path) || "entry"}: ${issue.message}`).join("; ");
}

function mismatch(entry: Entry, head: Head): string | null {
  if (entry.seq !== head.seq + 1) return `seq is ${entry.seq}, expected ${head.seq + 1}`;
  if (entry.prev !== head.hash) return "prev is not the hash of the entry before";
  const { hash: claimed, ...unhashed } = entry;
  return hashEntry(unhashed) === claimed ? null : "the hash does not fit the entry: its content was changed";
}

function repeatedId(entry: Entry, ids: ReadonlyMap<string, number>): string | null {
  const earlier = ids.get(entry.id);
  return earlier === undefined ? null : `id ${showValue(entry.id)} was already used by entry ${earlier}`;
}

function misfiled(entry: Entry, index: number, path: string): string | null {
  return index === 0 && segmentPath(entry) !== path ? `the first entry belongs in ${segmentPath(entry)}` : null;
}

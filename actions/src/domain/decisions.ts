/**
 * Entries about a request that its own worker could not write: who let it begin, who did not, and that it ended before anybody could write.
 * They are written by whichever worker sees it, from what GitHub tells of the run; what GitHub does not tell is said and never filled in.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import type { Draft, Entry, EntryData } from "./ledger.ts";
import { entryId } from "./steps.ts";
import { OVER } from "./under-way.ts";
import { shorten, visible } from "./visible.ts";

/** A decision about a run that waited, from GitHub's history of the run. */
export interface Review {
  readonly decision: "approved" | "rejected";
  readonly login: string;
  readonly comment: string;
  readonly environments: readonly string[];
}

/** The run that is told of, and the request it was for. */
export interface ToldRun {
  readonly id: number;
  readonly attempt: number;
  readonly requestId: string;
  readonly incident: string | null;
  /** What is known of the request: its title, or what its worker read. */
  readonly about: EntryData;
}

/** Who writes, and when. */
export interface Teller {
  readonly actor: string;
  readonly run: string;
  readonly at: Date;
}

/** As long as a reason may be. */
const COMMENT_LIMIT = 500;

/** One entry a review. The id comes from the review itself, so that a later attempt, which finds the same history, writes none anew. */
export function reviewDrafts(run: ToldRun, reviews: readonly Review[], teller: Teller): readonly Draft[] {
  const met = new Map<string, number>();
  return reviews.map(({ decision, login, comment, environments }) => {
    const content = JSON.stringify([run.id, decision, login, comment, environments.toSorted()]);
    const nth = (met.get(content) ?? 0) + 1;
    met.set(content, nth);
    const name = bytesToHex(sha256(utf8ToBytes(`${content} ${nth}`))).slice(0, 16);
    return {
      ...draft(run, `${decision}-${name}`, teller, { environments: [...environments] }),
      kind: `request.${decision}`,
      // GitHub vouches for whoever decided as it does for whoever started the run.
      actor: login,
      reason: visibleComment(comment),
    };
  });
}

/** How far the jobs of a run came: none was given a machine; some ended well and the others never began; or anything else. */
export type Progress = "none" | "between" | "within";

/** What the ledger has of a run that is over without success: not a word; steps and no ending; or how it ended. */
export type Told = "nothing" | "steps" | "ending";

export function toldOf({ id, attempt, requestId }: Pick<ToldRun, "id" | "attempt" | "requestId">, entries: readonly Entry[]): Told {
  const name = `${id}/${attempt}`;
  const about = entries.filter(({ run, data }) => run === name || data.ofRun === name);
  if (about.length === 0) return "nothing";
  // One run may carry out several requests; those of its own images and left-overs end before it does.
  const ended = about.some((entry) => OVER.test(entry.kind) && entry.id.startsWith(`${requestId}:`));
  return ended ? "ending" : "steps";
}

export interface BrokenEnd {
  readonly conclusion: string;
  readonly endedAt: string;
  readonly url: string;
  readonly progress: Progress;
  /** Who started the run; null where GitHub does not say. */
  readonly askedBy: string | null;
}

/** The entry for a run that is over, told no ending, and was not rejected. */
export function unheardDraft(run: ToldRun, { conclusion, endedAt, url, progress, askedBy }: BrokenEnd, teller: Teller): Draft {
  const { problem, next } = UNHEARD[progress](conclusion);
  const began = progress === "within";
  return {
    ...draft(run, `${began ? "lost" : "lapsed"}-${run.id}-${run.attempt}`, teller, { conclusion, endedAt, url, problem, next }),
    kind: began ? "request.lost" : "request.lapsed",
    actor: askedBy ?? teller.actor,
    reason: askedBy === null ? "(GitHub does not say who asked; the actor is whoever noticed)" : "(noticed by a later run)",
  };
}

/** The entry of a worker that was let in and cannot read by whom. */
export function unreadDraft(run: ToldRun, problem: string, teller: Teller): Draft {
  return {
    ...draft(run, `reviews-unread-${run.id}-${run.attempt}`, teller, { problem }),
    kind: "request.reviews-unread",
    actor: teller.actor,
    reason: "(GitHub let the run begin; whether and by whom it was approved could not be read)",
  };
}

function draft(run: ToldRun, name: string, teller: Teller, data: EntryData): Omit<Draft, "kind" | "actor" | "reason"> {
  return {
    id: entryId(run.requestId, name),
    at: teller.at.toISOString(),
    run: teller.run,
    data: { requestId: run.requestId, ofRun: `${run.id}/${run.attempt}`, ...run.about, ...data },
    ...(run.incident === null ? {} : { incident: run.incident }),
  };
}

const UNHEARD: Readonly<Record<Progress, (conclusion: string) => { readonly problem: string; readonly next: string }>> = {
  none: (conclusion) => ({
    problem: `The run ended as ${conclusion} before any job of it began: cancelled, or not let in within GitHub's 30 days. GitHub tells of no rejection.`,
    next: "Nothing was made. Ask again with a new request id if it is still wanted.",
  }),
  between: (conclusion) => ({
    problem: `The run ended as ${conclusion} between two jobs: what had begun ended well, and the rest was cancelled, or not let in within GitHub's 30 days.`,
    next: "The ledger has what was done before. Run it again from GitHub to go on, or ask again with a new request id.",
  }),
  within: (conclusion) => ({
    problem: `The run began, ended as ${conclusion} and wrote nothing: what it made is unknown.`,
    next: "Read the run's log at GitHub, and look for the request id in the tags of clusters and snapshots.",
  }),
};

// Free text of a reviewer: anything could have been pasted into GitHub's form.
function visibleComment(comment: string): string {
  const text = visible(comment.trim());
  return text === "" ? "(no comment)" : shorten(text, COMMENT_LIMIT);
}

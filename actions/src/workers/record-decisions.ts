/**
 * Puts into the ledger what people decided about waiting runs: before the work, who let this very run begin; after it, what befell runs that
 * could not tell themselves. Neither keeps a recovery from its work: what cannot be read is said.
 */
import {
  type Draft,
  type Entry,
  reviewDrafts,
  type Teller,
  type Told,
  type ToldRun,
  toldOf,
  unheardDraft,
  unreadDraft,
} from "../domain/index.ts";
import { readReviews } from "../github/reviews.ts";
import { type BrokenRun, brokenRuns, incidentIn, progressOf } from "../github/runs.ts";
import type { ActionIo } from "../runner/action-io.ts";
import { sentence } from "./conduct.ts";
import type { Installation } from "./installation.ts";
import type { Journal, Request } from "./journal.ts";

// Two questions a run: what many runs left behind is told over the next workers, so that none uses up the repository's hourly requests.
const AT_ONCE = 20;

/** A worker started by hand waited for nobody. */
export async function recordApproval({ github, origin }: Installation, request: Request, work: string, journal: Journal): Promise<void> {
  const [id, attempt] = origin.run.split("/").map(Number);
  if (id === undefined || attempt === undefined) return;
  const run = { id, attempt, requestId: request.requestId, incident: request.incident ?? null, about: { work } };
  const teller = { actor: origin.actor, run: origin.run, at: new Date() };
  const drafts = await readReviews(github, id).then(
    (reviews) => reviewDrafts(run, reviews, teller),
    (error: unknown) => [unreadDraft(run, sentence(error), teller)],
  );
  if (drafts.length > 0) await journal.append(drafts);
}

/** Runs that ended without an entry that says how. */
export async function recordUnheard(io: ActionIo, installation: Installation, journal: Journal): Promise<void> {
  const { github, origin } = installation;
  const { entries } = journal.view();
  const broken = (await brokenRuns(github, "production")).map((run) => ({ run, wrote: toldOf(run, entries) }));
  const thatWrote = (what: "nothing" | "steps") => broken.filter(({ wrote }) => wrote === what);
  // Of those that wrote steps some are never explained, and must not use up the turn of those that wrote nothing.
  const unheard = [...thatWrote("nothing"), ...thatWrote("steps")];
  const drafts: Draft[] = [];
  for (const each of unheard.slice(0, AT_ONCE)) {
    const teller = { actor: origin.actor, run: origin.run, at: new Date() };
    try {
      drafts.push(...(await draftsOf(installation, each, entries, teller)));
    } catch (error) {
      io.info(`What befell run ${each.run.id} could not be read: ${sentence(error)}. A later worker asks again.`);
    }
  }
  if (drafts.length > 0) await journal.append(drafts);
}

interface Unheard {
  readonly run: BrokenRun;
  readonly wrote: Told;
}

async function draftsOf(
  { github }: Installation,
  { run, wrote }: Unheard,
  entries: readonly Entry[],
  teller: Teller,
): Promise<readonly Draft[]> {
  const known = new Set(entries.map(({ id }) => id));
  const told: ToldRun = {
    id: run.id,
    attempt: run.attempt,
    requestId: run.requestId,
    incident: incidentIn(run.title),
    about: { work: run.work, title: run.title, ...(run.actor === null ? {} : { askedBy: run.actor }) },
  };
  const reviews = reviewDrafts(told, await readReviews(github, run.id), teller).filter(({ id }) => !known.has(id));
  // A rejection that nobody told of yet explains the end; of an earlier attempt's it was told.
  if (reviews.some(({ kind }) => kind === "request.rejected")) return reviews;
  const progress = await progressOf(github, run.id);
  // What was being done when it ended, its steps tell better than a run that only sees them; a person runs it again.
  if (wrote === "steps" && progress !== "between") return [];
  return [...reviews, unheardDraft(told, { ...run, progress, askedBy: run.actor }, teller)];
}

/**
 * The first half of a rewind: find the damage, restore the images around it, compare them with the live tables, and write down what would be
 * done. The live cluster is only read. For one request the damage, the images and the plan are the same, however often it is asked to.
 */
import { keepPlan, keptPlan } from "../database/keep-plan.ts";
import { planRewind } from "../database/rewind/plan-rewind.ts";
import { type Cluster, durationMs, type RewindRequest, TAGS } from "../domain/index.ts";
import type { RewindImage } from "../recovery/names.ts";
import { deletionsSaid } from "../recovery/rewind/brought-back.ts";
import { decide } from "../recovery/rewind/decide.ts";
import { countPlan, parsePlan, type RewindPlan } from "../recovery/rewind/plan.ts";
import { timeOfImage } from "../recovery/rewind-times.ts";
import { summarisePlan } from "../recovery/summarise-plan.ts";
import { inTurn } from "./journal.ts";
import { accessOf, type Reach, withImages } from "./open-images.ts";
import { DeadEnd, Refusal } from "./outcome.ts";
import { damageOf, hintsOf } from "./rewind-damage.ts";
import { type Images, type ImageWork, recordedImages, recordImages, restoreImage } from "./rewind-images.ts";

export interface PlanWork extends ImageWork, Pick<Reach, "access"> {
  /** Told before a scratch cluster is asked for or used again, so that it can be removed whatever happens then. */
  readonly using: (image: RewindImage, round: number) => void;
}

export interface PlanMade {
  readonly plan: RewindPlan;
  /** What is approved: the digest of the plan that was first recorded for this request. */
  readonly digest: string;
  readonly images: Images;
}

/** Throws Refusal when the damage cannot be told, the plan is not the one that was looked at, or nothing is to be brought back. */
export async function makePlan(request: RewindRequest, cluster: Cluster, work: PlanWork): Promise<PlanMade> {
  const kept = await keptFrom(request, work);
  if (kept !== null) return kept;
  const { plan: compared, images } = await compare(request, cluster, work);
  await recordImages(request.cluster, images, work.journal);
  const asked = new Set(compared.questions.map(({ id }) => id));
  const plan = decide(compared, {
    // A question that is gone was about a row that somebody has written to since: it is left alone, whatever was answered.
    answers: Object.entries(request.answers).flatMap(([question, choice]) => (asked.has(question) ? [{ question, choice }] : [])),
    triggers: request.hints.fire.map(triggerOf),
  });
  const digest = admit(plan, request, work);
  await keepPlan(await accessOf(images.after.target, work), request.requestId, plan);
  const summary = summarisePlan(plan, { before: images.before.time, after: images.after.time });
  await work.journal.record("planned", "rewind.planned", { cluster: request.cluster, mode: request.mode, ...summary });
  return { plan, digest, images };
}

/** The plan of an earlier attempt, while its scratch clusters are there: rows that were written to since do not change what people look at. */
async function keptFrom(request: RewindRequest, work: PlanWork): Promise<PlanMade | null> {
  const digest = work.journal.recorded("planned")?.data.digest;
  const images = recordedImages(work.journal);
  if (typeof digest !== "string" || images === null) return null;
  for (const image of ["before", "after"] as const) {
    const cluster = await work.aurora.cluster(images[image].target);
    if (cluster?.status !== "available" || cluster.tags[TAGS.requestId] !== request.requestId) return null;
    work.using(image, images[image].round);
  }
  const kept = await keptPlan(await accessOf(images.after.target, work), request.requestId);
  if (kept === null) return null;
  const plan = parsePlan(kept);
  return plan.digest === digest ? { plan, digest, images } : null;
}

/** Restores images until they fit the damage, and compares them. */
async function compare(
  request: RewindRequest,
  cluster: Cluster,
  work: PlanWork,
): Promise<{ readonly plan: RewindPlan; readonly images: Images }> {
  const damage = await damageOf(request, work);
  const bounds = await boundsOf(request, work);
  const deletions = deletionsSaid(work.journal.view().entries, { ...request, damage });
  const hints = hintsOf({ hints: { ...request.hints, deletions } });
  const rounds: Record<RewindImage, number> = { before: 1, after: 1 };
  // Both images write into one ledger.
  const imageWork = { ...work, journal: inTurn(work.journal) };
  for (;;) {
    const make = async (image: RewindImage) => {
      const round = rounds[image];
      const time = timeOfImage(image, round, damage, bounds);
      if (time === null) throw new DeadEnd(`No time ${image} the damage, as far as can be restored, gives an image that fits`);
      work.using(image, round);
      return restoreImage(request, cluster, { image, round, time }, imageWork);
    };
    // Side by side: a restore waits for AWS most of its time, and people wait for both.
    const making = [make("before"), make("after")] as const;
    // Nothing may go on behind a request that has ended, so where one fails the other is waited for.
    await Promise.allSettled(making);
    const images: Images = { before: await making[0], after: await making[1] };
    const names = { before: images.before.target, after: images.after.target, live: request.cluster };
    const planned = await withImages(names, work, (opened) => planRewind(opened, { tables: request.tables, damage, hints }));
    if (planned.kind === "plan") return { plan: planned.plan, images };
    rounds[planned.image] += 1;
  }
}

/** The digest under which the plan goes on. */
function admit(plan: RewindPlan, request: RewindRequest, { journal }: PlanWork): string {
  const first = journal.recorded("planned")?.data.digest;
  const expected = typeof first === "string" ? first : (request.digest ?? plan.digest);
  const { changed, returned, asked, answered } = countPlan(plan);
  const nothing = changed + returned + answered === 0;
  // The transaction may have committed before whoever began it could say so; then nothing is left to do, and the next stage says it.
  if (nothing && journal.recorded("applying") !== undefined) return expected;
  if (expected !== plan.digest)
    throw new Refusal(
      `The plan made now has the digest ${plan.digest}, and the one that was looked at has ${expected}: rows have changed meanwhile.`,
      "Look at a new plan: dispatch again with a new request id and without a digest.",
    );
  if (nothing && request.mode === "apply")
    throw new Refusal(
      [
        asked > 0 ? `Nothing can be brought back without answers: ${asked} questions are open.` : "Nothing is there to bring back.",
        ...plan.refusals.map(({ table, reason }) => `${table}: ${reason}`),
      ].join(" "),
      "Plan without applying: the plan lists what was compared, asked and refused.",
    );
  return expected;
}

async function boundsOf({ cluster, hints }: RewindRequest, { aurora, journal }: PlanWork) {
  const earliest = (await aurora.cluster(cluster))?.earliestRestorableTime ?? null;
  if (earliest === null)
    throw new Refusal(`The cluster ${cluster} has no range that could be restored to a second.`, "Wait until AWS has backed it up once.");
  const requested = journal.recorded("requested");
  if (requested === undefined) throw new Error("a rewind is accepted before its images are made");
  return { earliest, asked: new Date(requested.at), stepMs: durationMs(hints.step) };
}

function triggerOf(path: string) {
  const slash = path.lastIndexOf("/");
  return { table: path.slice(0, slash), name: path.slice(slash + 1), decision: "run" } as const;
}

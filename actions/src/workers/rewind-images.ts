/**
 * The images that a rewind compares: scratch clusters restored to times before and after the damage, once for a request, however often it is
 * asked to. Nobody is ever given them, and they are removed by a job that may delete and may not make anything.
 */
import * as z from "zod/mini";
import { type Cluster, REWIND_IMAGE_STEPS, type RestoreRequest, type RewindRequest } from "../domain/index.ts";
import { imageName, type RewindImage } from "../recovery/names.ts";
import type { Journal } from "./journal.ts";
import { type RestoreWork, restoreCluster } from "./restore-cluster.ts";

export type ImageWork = Omit<RestoreWork, "steps" | "about" | "prove">;

export interface Image {
  readonly round: number;
  readonly target: string;
  readonly time: Date;
}

export type Images = Readonly<Record<RewindImage, Image>>;

export async function restoreImage(
  request: RewindRequest,
  cluster: Cluster,
  { image, round, time }: { readonly image: RewindImage; readonly round: number; readonly time: Date },
  work: ImageWork,
): Promise<Image> {
  const target = imageName(request, image, round);
  const restore: RestoreRequest = {
    cluster: request.cluster,
    target,
    point: { kind: "time", time },
    reason: request.reason,
    requestId: request.requestId,
  };
  // The configured checks say what a sound database looks like, and one of these two is damaged.
  await restoreCluster(
    restore,
    { ...cluster, checks: [] },
    { ...work, journal: under(`${image}${round}`, work.journal), steps: REWIND_IMAGE_STEPS, about: { image } },
  );
  return { round, target, time };
}

/** Two images of one request each have every step. */
function under(name: string, journal: Journal): Journal {
  return {
    ...journal,
    recorded: (step) => journal.recorded(`${name}-${step}`),
    record: (step, kind, data) => journal.record(`${name}-${step}`, kind, data),
  };
}

const imageSchema = z.object({ round: z.int(), target: z.string(), time: z.iso.datetime() });
const imagesSchema = z.object({ before: imageSchema, after: imageSchema });

export async function recordImages(cluster: string, { before, after }: Images, journal: Journal): Promise<void> {
  const entry = ({ round, target, time }: Image) => ({ round, target, time: time.toISOString() });
  await journal.record("imaged", "rewind.imaged", { cluster, before: entry(before), after: entry(after) });
}

/** Those that a plan was made of; null before. */
export function recordedImages(journal: Journal): Images | null {
  const read = z.safeParse(imagesSchema, journal.recorded("imaged")?.data);
  if (!read.success) return null;
  const image = ({ round, target, time }: z.output<typeof imageSchema>): Image => ({ round, target, time: new Date(time) });
  return { before: image(read.data.before), after: image(read.data.after) };
}

/**
 * The images that a rewind compares: scratch clusters restored to seconds before and after the damage, once for a request, however often it is
 * asked to. Nobody is ever given them, and they are removed by a job that may delete and may not make anything.
 */
import { type Cluster, type RestoreRequest, REWIND_IMAGE_STEPS, type RewindRequest } from "../domain/index.ts";
import { imageName, type RewindImage } from "../recovery/names.ts";
import type { Journal } from "./journal.ts";
import { type RestoreWork, restoreCluster } from "./restore-cluster.ts";

export type ImageWork = Omit<RestoreWork, "steps" | "about" | "prove">;

export interface Image {
  readonly image: RewindImage;
  readonly target: string;
  readonly time: Date;
}

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
  return { image, target, time };
}

/** Two images of one request each have every step. */
function under(name: string, journal: Journal): Journal {
  return {
    ...journal,
    recorded: (step) => journal.recorded(`${name}-${step}`),
    record: (step, kind, data) => journal.record(`${name}-${step}`, kind, data),
  };
}

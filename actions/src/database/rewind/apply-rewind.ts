import type { Applied } from "../../recovery/rewind/outcome.ts";
import type { RewindPlan } from "../../recovery/rewind/plan.ts";
import type { RewindImages } from "./open-image.ts";

/** Nothing was written, and why; `again` says whether the same call may succeed later (a lock, a lost connection). */
export class RewindFailed extends Error {
  override readonly name = "RewindFailed";
  readonly again: boolean;

  constructor(message: string, again: boolean, options?: ErrorOptions) {
    super(message, options);
    this.again = again;
  }
}

/** Applies a plan, with its answers, in one transaction. Safe to call again: what is done already is counted as `already`. */
export async function applyRewind(_images: RewindImages, _plan: RewindPlan): Promise<Applied> {
  throw new Error("applying a rewind is not built yet");
}

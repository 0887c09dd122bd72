import type { Damage, DamageHints } from "../../recovery/rewind/damage.ts";
import type { RewindPlan } from "../../recovery/rewind/plan.ts";
import type { RewindImages } from "./open-image.ts";

export interface PlanRequest {
  readonly tables: readonly string[];
  readonly damage: Damage;
  readonly hints?: DamageHints;
}

/** `wrong-image`: the image holds damage that it should not, or lacks what it should; restore one of an earlier (`before`) or later (`after`) time. */
export type Planned =
  | { readonly kind: "plan"; readonly plan: RewindPlan }
  | { readonly kind: "wrong-image"; readonly image: "before" | "after"; readonly problem: string };

/** Compares the three images and says what a rewind would do. Reads only; the values stay in the databases. */
export async function planRewind(_images: RewindImages, _request: PlanRequest): Promise<Planned> {
  throw new Error("planning a rewind is not built yet");
}

import type { DamageReport, DamageSearch } from "../../recovery/rewind/damage.ts";
import type { RewindImage } from "./open-image.ts";

/** The commits inside the interval that did the damage, as far as rows of the live database still tell. Reads only. */
export async function findDamage(_live: RewindImage, _search: DamageSearch): Promise<DamageReport> {
  throw new Error("finding damage is not built yet");
}

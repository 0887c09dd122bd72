/** To which times a rewind's images are restored: right around the damage, or further away where an image turned out to be wrong. Pure. */
import type { RewindImage } from "./names.ts";
import { type Damage, imageTimes } from "./rewind/damage.ts";

/** How much further away each round goes: a commit may be told late, and a transaction be long. */
const FURTHER_MS: Readonly<Record<RewindImage, readonly number[]>> = {
  before: [0, 5 * 60_000, 3_600_000],
  after: [0, 5_000, 60_000],
};

export interface Bounds {
  readonly earliest: Date;
  /** When the rewind was asked for: what was seen by then had happened by then. */
  readonly asked: Date;
  /** How exactly the service restores. */
  readonly stepMs: number;
}

/** `round` counts from 1. Null where no further round would give another image. */
export function timeOfImage(image: RewindImage, round: number, damage: Pick<Damage, "first" | "last">, bounds: Bounds): Date | null {
  const further = FURTHER_MS[image][round - 1];
  if (further === undefined) return null;
  const time = reach(image, further, damage, bounds);
  const before = FURTHER_MS[image][round - 2];
  return before !== undefined && reach(image, before, damage, bounds).getTime() === time.getTime() ? null : time;
}

function reach(image: RewindImage, further: number, damage: Pick<Damage, "first" | "last">, { earliest, asked, stepMs }: Bounds): Date {
  const exact = imageTimes(damage, stepMs);
  const up = (time: Date) => Math.ceil(time.getTime() / stepMs) * stepMs;
  return image === "before"
    ? new Date(Math.max(exact.before.getTime() - further, up(earliest)))
    : new Date(Math.min(exact.after.getTime() + further, up(asked)));
}

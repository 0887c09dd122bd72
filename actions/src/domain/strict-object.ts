import { closest, distance } from "fastest-levenshtein";
import * as z from "zod/mini";

/** An object in which a key that nobody knows is a problem that lists the known ones and says which was probably meant. */
export function strictObject<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? [`one of: ${known.join(", ")}`, ...issue.keys.flatMap((key) => meant(key, known))].join("; ")
        : undefined,
  });
}

function meant(key: string, known: readonly string[]): string[] {
  const near = closest(key, known);
  // Two slips still read as the same word; in a long word, a third of it may be wrong.
  return distance(key, near) <= Math.max(2, Math.floor(near.length / 3)) ? [`"${key}" may mean "${near}"`] : [];
}

/** What one schema has that the other lacks, each as sorted sentences. Pure. */
export interface SchemaDifference {
  readonly missing: readonly string[];
  readonly extra: readonly string[];
}

// Enough to recognise what happened; a ledger entry is no place for a whole schema.
const NAMED = 20;

/** `missing`: in `live` and not in `restored`. */
export function compareSchemas(live: readonly string[], restored: readonly string[]): SchemaDifference {
  const [there, here] = [new Set(live), new Set(restored)];
  return {
    missing: live.filter((line) => !here.has(line)).slice(0, NAMED),
    extra: restored.filter((line) => !there.has(line)).slice(0, NAMED),
  };
}

/** What a statement of a migration may do to data, worst first, and the findings that say so. */

import { VERDICTS, type VerdictWord } from "../domain/index.ts";

export interface Finding {
  /** Stable: what a suppression in a file names. */
  readonly id: string;
  readonly verdict: Exclude<VerdictWord, "safe">;
  /** What it does and why that matters. */
  readonly message: string;
  readonly saferWay: string;
  /** The reason written in the file for letting it pass; it no longer counts towards the verdict, and it is shown. */
  readonly allowedBecause?: string;
}

export function worstOf(findings: readonly Finding[]): VerdictWord {
  const counting = findings.filter((each) => each.allowedBecause === undefined);
  return VERDICTS.find((verdict) => counting.some((each) => each.verdict === verdict)) ?? "safe";
}

/** Whether rows or what protects them may be lost. */
export function losesData(verdict: VerdictWord): boolean {
  return verdict === "destroys-data" || verdict === "may-destroy-data";
}

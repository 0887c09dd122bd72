/** How a worker ends: what people read in the job summary and what the process exits with. */
import { type EntryData, escapeMarkdown } from "../domain/index.ts";
import type { LedgerView } from "../ledger/ledger.ts";
import type { ActionIo } from "../runner/action-io.ts";
import { describeHead } from "./journal.ts";

export type Outcome =
  | { readonly result: "completed"; readonly title: string; readonly facts: readonly Fact[]; readonly next: string }
  | {
      readonly result: "refused" | "failed";
      readonly title: string;
      readonly problem: string;
      readonly exists: readonly string[];
      readonly next: string;
    };

export interface Fact {
  readonly name: string;
  readonly value: string;
}

/** The command line uses the same numbers: 0 done, 1 failed, 3 refused by a safety rule. */
export const EXIT_CODES = { completed: 0, failed: 1, refused: 3 } as const;

/** A safety rule or the state of things forbids the request: nothing was made. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly next: string;
  constructor(problem: string, next: string) {
    super(problem);
    this.next = next;
  }
}

/** A migration ended before its end, and nothing unfinished stands: what PostgreSQL had begun it took back. */
export class Stopped extends Error {
  override readonly name = "Stopped";
  readonly next: string;
  constructor(problem: string, next: string, options?: ErrorOptions) {
    super(problem, options);
    this.next = next;
  }
}

/** What AWS made for a request ended badly: asking again for the same request would only find it again. */
export class DeadEnd extends Error {
  override readonly name = "DeadEnd";
}

/** What was made was looked at and found wanting: nobody may call it done. */
export class FoundWanting extends Error {
  override readonly name: string = "FoundWanting";
  /** What the entry of this ending says besides; never a value of a row. */
  readonly data: EntryData;
  /** What to do, where that is more than to look and to run again. */
  readonly next: string | null;
  constructor(problem: string, data: EntryData = {}, next: string | null = null) {
    super(problem);
    this.data = data;
    this.next = next;
  }
}

export async function report(io: ActionIo, outcome: Outcome, view: LedgerView | null): Promise<number> {
  const lines = [`## ${escapeMarkdown(outcome.title)}`, ""];
  if (outcome.result === "completed") {
    lines.push("| | |", "|---|---|", ...outcome.facts.map(({ name, value }) => `| ${escapeMarkdown(name)} | ${escapeMarkdown(value)} |`));
  } else {
    lines.push(escapeMarkdown(outcome.problem), "", "**What exists now**", "");
    lines.push(...(outcome.exists.length === 0 ? ["Nothing new was made."] : outcome.exists.map((each) => `* ${escapeMarkdown(each)}`)));
    io.error(`${outcome.title}. ${outcome.problem.replace(/\.?$/, ".")} Next: ${outcome.next}`);
  }
  lines.push("", "**What to do next**", "", escapeMarkdown(outcome.next));
  if (view !== null) lines.push("", escapeMarkdown(describeHead(view.head, view.commit)));
  await io.summary(`${lines.join("\n")}\n`);
  return EXIT_CODES[outcome.result];
}

/** What the judging of a pull request is asked for. */
import * as z from "zod/mini";
import { VERDICTS, type VerdictWord } from "./migration-record.ts";
import { parse } from "./problem.ts";
import { orEmpty } from "./requests.ts";
import { strictObject } from "./strict-object.ts";

export const LINT_INPUTS = ["pull_request", "directory", "fail_on"] as const;
export type LintInputs = Readonly<Record<(typeof LINT_INPUTS)[number], string>>;

export interface LintRequest {
  readonly pullRequest: number;
  /** Only files below it are judged; empty for all of the repository. */
  readonly directory: string;
  /** The check fails where a statement has this verdict or a worse one; null where it never does. */
  readonly failOn: VerdictWord | null;
}

const inputs = strictObject({
  pull_request: z.string().check(z.trim(), z.regex(/^[1-9]\d{0,9}$/, "the number of a pull request")),
  directory: z
    .string()
    .check(
      z.trim(),
      z.regex(/^(?!\/)(?!.*(^|\/)\.\.(\/|$)).{0,200}$/, "a folder of the repository without .., for example db/migrations, or nothing"),
    ),
  fail_on: orEmpty(z.enum(VERDICTS)),
});

/** Throws InvalidInput with every problem. */
export function parseLintRequest(given: LintInputs): LintRequest {
  const { pull_request, directory, fail_on } = parse(inputs, given, "The request to judge a pull request");
  return { pullRequest: Number(pull_request), directory: directory.replace(/\/+$/, ""), failOn: fail_on === "" ? null : fail_on };
}

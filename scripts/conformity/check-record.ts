/**
 * Holds a record of the local world against the real services' own descriptions: GitHub's OpenAPI description and GraphQL schema, the AWS SDK's
 * schemas of RDS, and what AWS documents of how things change. It knows neither the product nor how the sandbox works.
 */
import type { RecordEntry } from "../sandbox/record.ts";
import { checkGithub } from "./check-github.ts";
import { checkRds } from "./check-rds.ts";
import type { Violation } from "./violation.ts";

export function checkRecord(entries: readonly RecordEntry[]): readonly Violation[] {
  return entries.flatMap((entry) => {
    const { at, service, method, path } = entry;
    const problems = service === "github" ? checkGithub(entry) : service === "rds" ? checkRds(entry).problems : [];
    return problems.map((problem) => ({ at, service, request: `${method} ${path}`, problem }));
  });
}

/**
 * Holds a record of the local world against the real services' own descriptions: GitHub's OpenAPI description and GraphQL schema, the AWS SDK's
 * schemas of RDS, the reference of STS, and what AWS documents of how things change. It knows neither the product nor how the sandbox works.
 */
import type { RecordEntry } from "../sandbox/record.ts";
import { checkGithub } from "./check-github.ts";
import { checkRds } from "./check-rds.ts";
import { checkRdsOrder } from "./check-rds-order.ts";
import { checkRdsValues } from "./check-rds-values.ts";
import { checkSts } from "./check-sts.ts";
import { isObject } from "./described.ts";

/** One thing that a request or its answer does and the real service would not. */
export interface Violation {
  readonly at: string;
  readonly service: string;
  /** `GET /repos/acme/holdfast`, or the name of an RDS action. */
  readonly request: string;
  readonly problem: string;
}

export type RecordChecker = (entry: RecordEntry) => readonly Violation[];

/** Takes a record's entries one by one, in order, and keeps of them only what later ones are judged by. */
export function openRecordChecker(): RecordChecker {
  const order = checkRdsOrder();
  const problemsOf = (entry: RecordEntry): readonly string[] => {
    if (entry.service === "github") return checkGithub(entry);
    if (entry.service === "sts") return checkSts(entry);
    if (entry.service !== "rds") return [];
    const { problems, exchange } = checkRds(entry);
    return exchange === null ? problems : [...problems, ...checkRdsValues(exchange), ...order.next(exchange)];
  };
  return (entry) => {
    const { at, service, request } = entry;
    const action = service !== "github" && isObject(request) ? request.Action : undefined;
    const name = action === undefined ? `${entry.method} ${entry.path}` : String(action);
    return problemsOf(entry).map((problem) => ({ at, service, request: name, problem }));
  };
}

export function checkRecord(entries: readonly RecordEntry[]): readonly Violation[] {
  return entries.flatMap(openRecordChecker());
}

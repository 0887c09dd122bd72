/**
 * What GitHub and AWS really do to their callers, by name: which requests are struck, how, and how often. Data only; `arm-faults.ts` turns it
 * into the hooks that the services ask.
 */
import type { Fault as GitHubFault } from "../github/serve.ts";
import type { Fault as AwsFault } from "../rds/aws.ts";
import type { Fate, Work } from "../rds/service.ts";

export interface Slow {
  readonly kind: "slow";
  readonly ms: number;
}

/** One blow: the first `times` requests that fit are struck, after `skip` that are let through; without `times` all of them. */
export type Strike = { readonly times?: number; readonly skip?: number } & (
  | { readonly on: "aws"; readonly action: RegExp; readonly fault: AwsFault | Slow }
  | { readonly on: "work"; readonly work: Work["kind"]; readonly fate: Fate }
  | { readonly on: "github"; readonly method: string; readonly path: RegExp; readonly fault: GitHubFault | Slow }
);

export interface NamedFault {
  /** What the caller meets, in words for people. */
  readonly what: string;
  readonly strikes: readonly Strike[];
  /** How far the clock of AWS is ahead of this machine's. */
  readonly skewMs?: number;
  /** How long credentials live. */
  readonly credentialSeconds?: number;
}

const LEDGER_READ = /\/git\/(ref\/heads\/ledger|ref\/heads%2Fledger)$/;
const GRAPHQL = /^\/graphql$/;
const ANY_RDS = /^(Describe|Create|Restore)/;
const CREATES = /^(CreateDBClusterSnapshot|RestoreDBCluster\w+|CreateDBInstance)$/;

const rds = (status: number, code: string, message: string): AwsFault => ({ kind: "error", status, code, message });
const github = (status: number, message: string, headers: Readonly<Record<string, string>> = {}): GitHubFault => ({
  kind: "answer",
  status,
  json: { message, documentation_url: "https://docs.github.com/rest", status: String(status) },
  headers,
});
const reading = (fault: GitHubFault | Slow, times?: number): Strike => ({
  on: "github",
  method: "GET",
  path: LEDGER_READ,
  fault,
  ...(times === undefined ? {} : { times }),
});
const writing = (fault: GitHubFault | Slow, times?: number): Strike => ({
  on: "github",
  method: "POST",
  path: GRAPHQL,
  fault,
  ...(times === undefined ? {} : { times }),
});

const SECONDARY = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.";
const SLOW: Slow = { kind: "slow", ms: 1_500 };

export const NAMED_FAULTS = {
  "rds-throttling": {
    what: "RDS answers the first requests with Throttling",
    strikes: [{ on: "aws", action: ANY_RDS, times: 4, fault: rds(400, "Throttling", "Rate exceeded") }],
  },
  "rds-500": {
    what: "RDS answers the first requests with an internal failure",
    strikes: [{ on: "aws", action: ANY_RDS, times: 3, fault: rds(500, "InternalFailure", "The request processing has failed") }],
  },
  "rds-503": {
    what: "RDS is unavailable when something is to be created",
    strikes: [{ on: "aws", action: CREATES, times: 2, fault: rds(503, "ServiceUnavailable", "The service is unavailable") }],
  },
  "rds-denied": {
    what: "RDS denies whatever creates something",
    strikes: [{ on: "aws", action: CREATES, fault: rds(403, "AccessDenied", "User is not authorized to perform this action") }],
  },
  "rds-hang-up": {
    what: "The connection to RDS breaks before the first requests are done",
    strikes: [{ on: "aws", action: ANY_RDS, times: 3, fault: { kind: "disconnect" } }],
  },
  "rds-lost-answer": {
    what: "RDS creates what it is asked for, and the answer is lost",
    strikes: [{ on: "aws", action: CREATES, times: 2, fault: { kind: "lose-answer" } }],
  },
  "rds-slow": { what: "RDS takes its time", strikes: [{ on: "aws", action: ANY_RDS, times: 6, fault: SLOW }] },
  "snapshot-fails": { what: "A snapshot is accepted and fails", strikes: [{ on: "work", work: "snapshot", fate: "fail" }] },
  "snapshot-never-ends": { what: "A snapshot stays creating", strikes: [{ on: "work", work: "snapshot", fate: "never" }] },
  "restore-fails": { what: "A restore is accepted and fails", strikes: [{ on: "work", work: "cluster", fate: "fail" }] },
  "restore-never-ends": { what: "A restored cluster never becomes available", strikes: [{ on: "work", work: "cluster", fate: "never" }] },
  "instance-fails": { what: "A restored cluster's instance fails", strikes: [{ on: "work", work: "instance", fate: "fail" }] },
  "instance-full": {
    what: "A restored cluster's instance has no local storage left for temporary files",
    strikes: [{ on: "work", work: "instance", fate: "full" }],
  },
  "instance-never-ends": {
    what: "A restored cluster's instance never becomes available",
    strikes: [{ on: "work", work: "instance", fate: "never" }],
  },
  "no-instances": {
    what: "The live cluster has no instances",
    strikes: [
      {
        on: "aws",
        action: /^DescribeDBClusters$/,
        fault: {
          kind: "change-answer",
          change: (xml) => xml.replaceAll(/<DBClusterMembers>.*?<\/DBClusterMembers>/gs, "<DBClusterMembers/>"),
        },
      },
    ],
  },
  "session-revoked": {
    what: "AWS ends the session in the middle of a wait",
    strikes: [
      {
        on: "aws",
        action: /^Describe/,
        skip: 5,
        times: 1,
        fault: rds(403, "ExpiredToken", "The security token included in the request is expired"),
      },
    ],
  },
  "short-credentials": { what: "Credentials live for two seconds", strikes: [], credentialSeconds: 2 },
  "clock-ahead": { what: "This machine's clock is 20 minutes behind AWS", strikes: [], skewMs: 20 * 60_000 },
  "clock-behind": { what: "This machine's clock is 20 minutes ahead of AWS", strikes: [], skewMs: -20 * 60_000 },
  "github-401": { what: "GitHub no longer knows the token when the ledger is written", strikes: [writing(github(401, "Bad credentials"))] },
  "github-403": {
    what: "GitHub refuses the token when the ledger is written",
    strikes: [writing(github(403, "Resource not accessible by integration"))],
  },
  "github-404": { what: "GitHub once does not find the ledger that is there", strikes: [reading(github(404, "Not Found"), 1)] },
  "github-409": {
    what: "Git data are once said to be in conflict when the views are written",
    strikes: [{ on: "github", method: "POST", path: /\/git\/trees$/, times: 1, fault: github(409, "Git Repository is busy.") }],
  },
  "github-422": {
    what: "GitHub refuses to make the views' commit",
    strikes: [{ on: "github", method: "POST", path: /\/git\/commits$/, fault: github(422, "Validation Failed") }],
  },
  "github-429": {
    what: "GitHub says too many requests, and when to ask again",
    strikes: [
      reading(github(429, SECONDARY, { "Retry-After": "1", "X-RateLimit-Remaining": "100" }), 2),
      writing(github(429, SECONDARY, { "Retry-After": "1", "X-RateLimit-Remaining": "100" }), 1),
    ],
  },
  "github-secondary-limit": {
    what: "GitHub's secondary limit, with the pause it asks for",
    strikes: [
      reading(github(403, SECONDARY, { "Retry-After": "1", "X-RateLimit-Remaining": "100" }), 2),
      writing(github(403, SECONDARY, { "Retry-After": "1", "X-RateLimit-Remaining": "100" }), 1),
    ],
  },
  "github-502": {
    what: "GitHub answers reads and writes of the ledger with 502 for a moment",
    strikes: [reading(github(502, "Server Error"), 2), writing(github(502, "Something went wrong"), 2)],
  },
  "github-down": {
    what: "GitHub answers everything with 503 once the request is accepted",
    strikes: [
      { on: "github", method: "GET", path: /./, skip: 8, fault: github(503, "No server is currently available") },
      { on: "github", method: "POST", path: /./, skip: 1, fault: github(503, "No server is currently available") },
    ],
  },
  "github-hang-up": {
    what: "The connection to GitHub breaks before the first reads and writes of the ledger",
    strikes: [reading({ kind: "hang-up", when: "before" }, 2), writing({ kind: "hang-up", when: "before" }, 2)],
  },
  "github-lost-answer": {
    what: "GitHub writes the ledger, and the answer is lost",
    strikes: [writing({ kind: "hang-up", when: "after" }, 3)],
  },
  "github-slow": {
    what: "GitHub takes its time",
    strikes: [reading(SLOW, 4), writing(SLOW, 2)],
  },
} as const satisfies Readonly<Record<string, NamedFault>>;

export type FaultName = keyof typeof NAMED_FAULTS;

export const FAULT_NAMES = Object.keys(NAMED_FAULTS).filter(isFaultName);

export function isFaultName(name: string): name is FaultName {
  return Object.hasOwn(NAMED_FAULTS, name);
}

/** Throws RangeError that lists the names there are. */
export function readFaultName(name: string): FaultName {
  if (isFaultName(name)) return name;
  throw new RangeError(`fault is ${JSON.stringify(name)}; allowed: ${FAULT_NAMES.join(", ")}`);
}

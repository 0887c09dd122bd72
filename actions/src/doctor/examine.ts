import { checkBranches } from "./check-branches.ts";
import { checkClusters } from "./check-clusters.ts";
import { checkConfig } from "./check-config.ts";
import { checkDatabases } from "./check-databases.ts";
import { checkEnvironments } from "./check-environments.ts";
import { checkIdentity } from "./check-identity.ts";
import { checkLedger } from "./check-ledger.ts";
import { checkPages } from "./check-pages.ts";
import { checkRepository } from "./check-repository.ts";
import { checkWorkflows } from "./check-workflows.ts";
import type { Facts } from "./facts.ts";
import type { Finding } from "./finding.ts";

/** Every subject, in the order in which a set-up goes through them. */
const SUBJECTS: readonly ((facts: Facts) => readonly Finding[])[] = [
  checkConfig,
  checkRepository,
  checkBranches,
  checkWorkflows,
  checkEnvironments,
  checkIdentity,
  checkClusters,
  checkDatabases,
  checkLedger,
  checkPages,
];

export function examine(facts: Facts): readonly Finding[] {
  return SUBJECTS.flatMap((check) => check(facts));
}

import type { Deployment } from "../config/deployment.ts";
import { siteOf } from "./site-of.ts";

/**
 * Where a rule's runbook can be read, or null where only its name can be shown. A team writes its own addresses, so nothing but https is ever a
 * link; a path is a file of the promoted branch.
 */
export function runbookLink(runbook: string, { apiUrl, owner, repository, branch }: Deployment): string | null {
  if (URL.canParse(runbook)) return new URL(runbook).protocol === "https:" ? runbook : null;
  const site = siteOf(apiUrl);
  if (site === null || !/^[\w-][\w./-]*$/.test(runbook) || runbook.includes("..")) return null;
  return `${site}/${owner}/${repository}/blob/${branch}/${runbook}`;
}

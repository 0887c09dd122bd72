import type { Deployment } from "../config/deployment.ts";

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

/** GitHub's pages beside its API, where their places are known: github.com, and an enterprise's own server. */
function siteOf(apiUrl: string): string | null {
  if (apiUrl === "https://api.github.com") return "https://github.com";
  const [, server] = /^(https:\/\/[^/]+)\/api\/v3\/?$/.exec(apiUrl) ?? [];
  return server ?? null;
}

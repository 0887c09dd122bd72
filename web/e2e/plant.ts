import type { CollectorHealth, Draft } from "../../actions/src/domain/index.ts";
import { collectorPath } from "../../actions/src/domain/index.ts";
import { openBranch } from "../../actions/src/github/branch.ts";
import { connectGitHub } from "../../actions/src/github/client.ts";
import { openLedger } from "../../actions/src/ledger/ledger.ts";
import { publishStatus, publishView } from "../../actions/src/ledger/status.ts";
import type { PageWorld } from "./page-world.ts";

export interface Planter {
  /** Appends to the ledger as a collector does, with a token that writes contents and nothing else. */
  record(drafts: readonly Draft[]): Promise<void>;
  /** Puts a collector's word about itself on branch `status`. */
  report(health: CollectorHealth): Promise<void>;
  /** Commits files to `production` as a promotion would. */
  promote(files: Readonly<Record<string, string>>): Promise<void>;
}

export function openPlanter({ sandbox: { github } }: PageWorld): Planter {
  const token = github.createToken({ login: "holdfast-collector", permissions: { metadata: "read", contents: "write" } });
  const client = connectGitHub({ token, apiUrl: github.url, repository: "acme/holdfast" });
  const status = openBranch(client, "status");
  const wait = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));
  const ledger = openLedger({ branch: openBranch(client, "ledger"), status, wait, random: Math.random });
  return {
    async record(drafts) {
      await publishStatus(status, await ledger.append(drafts), null);
    },
    async report(health) {
      await publishView(status, collectorPath(health.collector), JSON.stringify(health));
    },
    async promote(files) {
      const production = openBranch(client, "production");
      const texts = Object.entries(files).map(([path, text]) => ({ path, text }));
      const { moved } = await production.commitOn((await production.head()) ?? "", "Files of a test", texts);
      if (moved) throw new Error("production moved while a test committed to it");
    },
  };
}

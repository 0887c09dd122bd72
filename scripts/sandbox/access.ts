import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { GitHubSandbox } from "./github/start-github.ts";

/** The sandbox's people and the tokens they sign in with; made at first start, random, readable by this user alone. */
export interface Access {
  readonly tokens: {
    /** alice: may read everything and dispatch. */
    readonly operator: string;
    /** bob: may also decide. */
    readonly approver: string;
    /** carol: may look, not act. */
    readonly reader: string;
  };
}

export async function readAccess(state: string, github: GitHubSandbox): Promise<Access> {
  const file = join(state, "tokens.json");
  const kept = await readFile(file, "utf8").catch(() => null);
  if (kept !== null) return JSON.parse(kept);
  const access: Access = {
    tokens: {
      operator: github.createToken({ login: "alice", permissions: { metadata: "read", contents: "read", actions: "write" } }),
      approver: github.createToken({
        login: "bob",
        permissions: { metadata: "read", contents: "read", actions: "write", deployments: "write" },
      }),
      reader: github.createToken({ login: "carol", permissions: { metadata: "read", contents: "read", actions: "read" } }),
    },
  };
  await mkdir(state, { recursive: true });
  await writeFile(`${file}.partial`, `${JSON.stringify(access, null, 1)}\n`, { mode: 0o600 });
  await rename(`${file}.partial`, file);
  return access;
}

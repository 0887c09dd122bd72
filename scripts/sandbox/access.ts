import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { GitHubSandbox } from "./github/start-github.ts";
import type { TokenRequest } from "./github/tokens.ts";
import { replaceFile } from "./postgres/write-file.ts";

/** The sandbox's people and machines, and the tokens they sign in with; made at first start, random, readable by this user alone. */
const holders = {
  /** May read everything and dispatch. */
  operator: { login: "alice", permissions: { metadata: "read", contents: "read", actions: "write" } },
  /** May also decide. */
  approver: { login: "bob", permissions: { metadata: "read", contents: "read", actions: "write", deployments: "write" } },
  /** May look, not act. */
  reader: { login: "carol", permissions: { metadata: "read", contents: "read", actions: "read" } },
  /** The collector's own account: writes to branches and nothing else. */
  collector: { login: "holdfast-collector", permissions: { metadata: "read", contents: "write" } },
} as const satisfies Readonly<Record<string, TokenRequest>>;
type Holder = keyof typeof holders;

export interface Access {
  readonly tokens: Readonly<Record<Holder, string>>;
}

export async function readAccess(state: string, github: GitHubSandbox): Promise<Access> {
  const file = join(state, "tokens.json");
  const kept: { readonly tokens: Partial<Record<Holder, string>> } = JSON.parse(await readFile(file, "utf8").catch(() => '{"tokens":{}}'));
  const token = (holder: Holder) => kept.tokens[holder] ?? github.createToken(holders[holder]);
  const access: Access = {
    tokens: { operator: token("operator"), approver: token("approver"), reader: token("reader"), collector: token("collector") },
  };
  await mkdir(state, { recursive: true });
  await replaceFile(file, `${JSON.stringify(access, null, 1)}\n`);
  return access;
}

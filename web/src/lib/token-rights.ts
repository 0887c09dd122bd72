/** What a token can and cannot do, learned by asking before anything is needed: no header that a page may read tells it. */
import { ApiFailure } from "./api-failure.ts";
import type { GitHub } from "./github.ts";

export const RIGHTS = [
  { id: "metadata", permission: "Metadata: read", allows: "find the repository" },
  { id: "contents", permission: "Contents: read", allows: "read the configuration, the inventory and the ledger" },
  { id: "runs", permission: "Actions: read", allows: "follow running work" },
  { id: "dispatch", permission: "Actions: write", allows: "take snapshots, start restores, answer alerts" },
  { id: "decide", permission: "Deployments: write", allows: "decide what waits for a reviewer (reviewers only)" },
] as const;

export type RightId = (typeof RIGHTS)[number]["id"];
export type Held = "yes" | "no" | "unknown";

export interface RightVerdict {
  readonly id: RightId;
  readonly held: Held;
  /** Why it is so, where that helps. */
  readonly note: string;
}

export interface TokenCheck {
  readonly login: string;
  /** Scopes of a classic token, which reaches further than the panel needs; null for a fine-grained one. */
  readonly wideScopes: string | null;
  readonly publicRepository: boolean;
  readonly rights: readonly RightVerdict[];
}

/** Only reviewers need it, and nothing tells before a decision is sent: GitHub has no question about this right that changes nothing. */
const UNTRIED: RightVerdict = { id: "decide", held: "unknown", note: "not tried: GitHub tells only when a decision is sent" };

/**
 * Throws ApiFailure where nothing can be known (no such token, no such repository). The probe for writing asks to start a workflow at a branch
 * that cannot exist: GitHub answers 422 to who may and 403 to who may not, and no run starts either way.
 */
export async function checkToken(github: GitHub, nonce: string): Promise<TokenCheck> {
  const [user, repository, contents, runs, dispatch] = await Promise.all([
    github.user(),
    github.repository(),
    probe("contents", async () => ((await github.branchHead("ledger")) === null ? "there is no ledger yet" : "")),
    probe("runs", async () => ((await github.workflows()).length === 0 ? "there are no workflows yet" : "")),
    probeDispatch(github, nonce),
  ]);
  return {
    login: user.login,
    wideScopes: user.scopes,
    publicRepository: !repository.private,
    rights: [{ id: "metadata", held: "yes", note: "" }, contents, runs, repository.push ? dispatch : withoutRole(dispatch), UNTRIED],
  };
}

export function holds(check: TokenCheck, id: RightId): boolean {
  return check.rights.some((each) => each.id === id && each.held === "yes");
}

/** Everything that an operator needs; what a reviewer needs beside it cannot be told. */
export function isComplete(check: TokenCheck): boolean {
  return check.wideScopes === null && check.rights.every((each) => each.id === UNTRIED.id || each.held === "yes");
}

export function canRead(check: TokenCheck): boolean {
  return holds(check, "contents");
}

async function probe(id: RightId, question: () => Promise<string>): Promise<RightVerdict> {
  try {
    return { id, held: "yes", note: await question() };
  } catch (error) {
    return refused(id, error);
  }
}

async function probeDispatch(github: GitHub, nonce: string): Promise<RightVerdict> {
  const id = "dispatch";
  try {
    await github.dispatch("snapshot", `holdfast-probe-${nonce}`, {});
    return { id, held: "unknown", note: "GitHub accepted a request for a branch that does not exist" };
  } catch (error) {
    if (error instanceof ApiFailure && error.facts.status === 422) return { id, held: "yes", note: "" };
    if (error instanceof ApiFailure && error.facts.status === 404) {
      return { id, held: "unknown", note: "snapshot.yml is not on the default branch" };
    }
    return refused(id, error);
  }
}

function refused(id: RightId, error: unknown): RightVerdict {
  if (error instanceof ApiFailure && (error.kind === "permission" || error.kind === "missing")) {
    return { id, held: "no", note: `GitHub answered ${error.facts.status}` };
  }
  return { id, held: "unknown", note: error instanceof Error ? error.message : String(error) };
}

function withoutRole(dispatch: RightVerdict): RightVerdict {
  return dispatch.held === "yes" ? dispatch : { ...dispatch, held: "no", note: "your role in this repository is not write" };
}

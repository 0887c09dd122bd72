import { ApiError } from "./answer.ts";
import type { CommitOnBranchDeps } from "./commit-on-branch.ts";
import { mayWrite, refusedFor } from "./gate.ts";
import { isAncestor, readCommit } from "./git-objects.ts";
import { typedError } from "./graphql-error.ts";
import type { Caller } from "./route.ts";

/** `updateRefs`, for one branch at a time: it moves only if it points where the caller believes, and backwards only by force. */

export interface RefUpdate {
  readonly name: string;
  readonly afterOid: string;
  readonly beforeOid?: string | null;
  readonly force?: boolean | null;
}

const NONE = "0".repeat(40);

export async function updateRefs({ git, refs }: CommitOnBranchDeps, caller: Caller, updates: readonly RefUpdate[]): Promise<void> {
  const [update, ...more] = updates;
  if (update === undefined || more.length > 0) throw new ApiError(500, "The sandbox's GitHub updates one ref at a time with updateRefs");
  if (!mayWrite(caller)) throw typedError("FORBIDDEN", refusedFor(caller));
  const { name, afterOid, beforeOid, force } = update;
  if (!name.startsWith("refs/heads/")) throw new ApiError(500, `The sandbox's GitHub updates branches with updateRefs, not ${name}`);
  if (afterOid === NONE) throw new ApiError(500, "The sandbox's GitHub deletes no branch with updateRefs");
  if ((await readCommit(git, afterOid)) === null) throw typedError("UNPROCESSABLE", `Could not resolve to a commit: ${afterOid}`);
  const current = await refs.read(name);
  const expected = beforeOid == null ? current : beforeOid === NONE ? null : beforeOid;
  // GitHub documents no type for this refusal, so none is promised here either.
  const stale = () => typedError("UNPROCESSABLE", `${name} does not point to ${beforeOid ?? "what it pointed to"}`);
  if (current !== expected) throw stale();
  if (force !== true && current !== null && !(await isAncestor(git, current, afterOid)))
    throw typedError("UNPROCESSABLE", `Updating ${name} is not a fast forward`);
  const moved = await refs.move({ ref: name, expected, after: afterOid, caller, actor: caller.person.login }).catch((error: unknown) => {
    if (error instanceof ApiError) throw typedError("FORBIDDEN", error.message);
    throw error;
  });
  if (!moved.moved) throw stale();
}

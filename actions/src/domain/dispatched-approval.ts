/**
 * Whether a run of respond.yml is an approval of a migration. GitHub vouches for who started it, for which promoted workflow and commit; what the run was asked
 * for it tells in its title only, which that workflow writes. Pure.
 */

/** A run of a workflow, as GitHub's API tells it. */
export interface RunFacts {
  readonly event: string;
  /** `.github/workflows/respond.yml`, with the ref behind it or without. */
  readonly path: string;
  readonly branch: string | null;
  readonly commit: string;
  readonly attempt: number;
  readonly status: string | null;
  readonly conclusion: string | null;
  readonly title: string;
  readonly createdAt: string;
  /** Who first started it, and who this attempt; null where GitHub does not say. */
  readonly actor: string | null;
  readonly triggeringActor: string | null;
  readonly actorType: string | null;
}

export interface Approvable {
  /** Of plan and rehearsal together; it names the one request that it is for. */
  readonly digest: string;
  /** The commit that is applied: an approval of other promoted code is none. */
  readonly commit: string;
  readonly now: Date;
  readonly validForMs: number;
}

const PATH = /^\.github\/workflows\/respond\.yml(@.*)?$/;
// The action is a choice and the digest stands directly before the bracket, so no free text can pass for either.
const TITLE = /^respond approve ([0-9a-f]{64}) \(request [0-9a-f-]{36}\): ./;

/** Who approved by this run; null where it is no approval of it, or one that holds no longer. */
export function approvedBy(run: RunFacts, { digest, commit, now, validForMs }: Approvable): string | null {
  const age = now.getTime() - Date.parse(run.createdAt);
  const holds =
    run.event === "workflow_dispatch" &&
    PATH.test(run.path) &&
    run.branch === "production" &&
    run.commit === commit &&
    // A second attempt is somebody else's doing with the first one's inputs.
    run.attempt === 1 &&
    // The worker has read the request and refused nothing.
    run.status === "completed" &&
    run.conclusion === "success" &&
    TITLE.exec(run.title)?.[1] === digest &&
    age >= 0 &&
    age < validForMs;
  if (!holds || run.actor === null || run.actor !== run.triggeringActor || run.actorType !== "User") return null;
  return run.actor;
}

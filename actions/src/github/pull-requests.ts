/** A pull request as data: what it changes and what was said under it. Nothing of it is checked out or run. */
import { type GitHub, statusOf } from "./client.ts";

export interface ChangedFile {
  readonly path: string;
  /** Of its text as the pull request leaves it. */
  readonly blob: string;
}

export interface PullRequestChanges {
  readonly head: string;
  /** Files that are there afterwards. */
  readonly files: readonly ChangedFile[];
  /** Files that GitHub did not list, because there are too many. */
  readonly unlisted: number;
}

export async function changesOf(github: GitHub, pull_number: number): Promise<PullRequestChanges> {
  const { data } = await github.rest.pulls.get({ ...github.repository, pull_number });
  const listed = await github.paginate(github.rest.pulls.listFiles, { ...github.repository, pull_number, per_page: 100 });
  const files = listed.flatMap(({ filename, status, sha }) =>
    status === "removed" || sha === null ? [] : [{ path: filename, blob: sha }],
  );
  return { head: data.head.sha, files, unlisted: Math.max(0, data.changed_files - listed.length) };
}

/** Null for one that has more than `limit` bytes. */
export async function readBlob(github: GitHub, file_sha: string, limit: number): Promise<string | null> {
  const { data } = await github.rest.git.getBlob({ ...github.repository, file_sha });
  if ((data.size ?? 0) > limit) return null;
  return Buffer.from(data.content, "base64").toString("utf8");
}

/** Actions' own account, behind every job's token: what others wrote under the pull request is never taken for ours. */
const WRITER = "github-actions[bot]";

/**
 * One comment, told by its first line: written where there is none, changed where it says something else. `body` is null for nothing to say: then only an
 * earlier comment is changed, to `otherwise`. False where this token may not comment, as for a fork's pull request.
 */
export async function keepComment(
  github: GitHub,
  issue_number: number,
  { mark, body, otherwise }: { readonly mark: string; readonly body: string | null; readonly otherwise: string },
): Promise<boolean> {
  const comments = await github.paginate(github.rest.issues.listComments, { ...github.repository, issue_number, per_page: 100 });
  const own = comments.find((each) => each.user?.login === WRITER && each.body?.startsWith(mark));
  const text = `${mark}\n${body ?? otherwise}`;
  try {
    if (own !== undefined && own.body !== text)
      await github.rest.issues.updateComment({ ...github.repository, comment_id: own.id, body: text });
    if (own === undefined && body !== null) await github.rest.issues.createComment({ ...github.repository, issue_number, body: text });
    return true;
  } catch (error) {
    if (statusOf(error) === 403 || statusOf(error) === 404) return false;
    throw error;
  }
}

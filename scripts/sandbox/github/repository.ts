import type { Commit, Signature } from "./git-objects.ts";
import type { People, Urls } from "./people.ts";
import { userJson } from "./people.ts";

/** The one repository, and how GitHub shows it, its commits and its people. */

export interface Repository {
  readonly owner: string;
  readonly ownerId: number;
  readonly name: string;
  readonly id: number;
  readonly defaultBranch: string;
  readonly private: boolean;
  readonly createdAt: string;
}

export interface View {
  readonly repository: Repository;
  readonly urls: Urls;
  readonly people: People;
  /** `<api>/repos/<owner>/<name>` */
  readonly base: string;
  /** `<server>/<owner>/<name>` */
  readonly html: string;
}

export function viewOf(repository: Repository, urls: Urls, people: People): View {
  const path = `${repository.owner}/${repository.name}`;
  return { repository, urls, people, base: `${urls.api}/repos/${path}`, html: `${urls.server}/${path}` };
}

export const nodeId = (kind: string, id: string | number): string => Buffer.from(`${kind}:${id}`).toString("base64");

export function minimalRepositoryJson({ repository, urls, base, html }: View): Record<string, unknown> {
  const owner = { login: repository.owner, id: repository.ownerId, type: "User" as const, role: "none" as const };
  return {
    id: repository.id,
    node_id: nodeId("Repository", repository.id),
    name: repository.name,
    full_name: `${repository.owner}/${repository.name}`,
    private: repository.private,
    owner: { ...userJson(owner, urls), type: "Organization" },
    html_url: html,
    description: null,
    fork: false,
    url: base,
  };
}

/** GitHub does not sign what comes through the Git Data API, and the sandbox has no key to sign the rest with. */
const unsigned = { verified: false, reason: "unsigned", signature: null, payload: null, verified_at: null };

export function gitCommitJson(commit: Commit, { base, html }: View): Record<string, unknown> {
  return {
    sha: commit.sha,
    node_id: nodeId("Commit", commit.sha),
    url: `${base}/git/commits/${commit.sha}`,
    html_url: `${html}/commit/${commit.sha}`,
    author: commit.author,
    committer: commit.committer,
    tree: { sha: commit.tree, url: `${base}/git/trees/${commit.tree}` },
    message: commit.message,
    parents: commit.parents.map((sha) => ({ sha, url: `${base}/git/commits/${sha}`, html_url: `${html}/commit/${sha}` })),
    verification: unsigned,
  };
}

export function commitJson(commit: Commit, view: View): Record<string, unknown> {
  const { base, html } = view;
  const user = (by: Signature) => {
    const person = view.people.byEmail(by.email);
    return person === undefined ? null : userJson(person, view.urls);
  };
  return {
    sha: commit.sha,
    node_id: nodeId("Commit", commit.sha),
    commit: {
      author: commit.author,
      committer: commit.committer,
      message: commit.message,
      tree: { sha: commit.tree, url: `${base}/git/trees/${commit.tree}` },
      url: `${base}/git/commits/${commit.sha}`,
      comment_count: 0,
      verification: unsigned,
    },
    url: `${base}/commits/${commit.sha}`,
    html_url: `${html}/commit/${commit.sha}`,
    comments_url: `${base}/commits/${commit.sha}/comments`,
    author: user(commit.author),
    committer: user(commit.committer),
    parents: commit.parents.map((sha) => ({ sha, url: `${base}/commits/${sha}`, html_url: `${html}/commit/${sha}` })),
  };
}

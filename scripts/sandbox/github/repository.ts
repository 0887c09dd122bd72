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

/** The addresses below a repository, as templates: GitHub sends all of them with every mention of one. */
const BELOW: Readonly<Record<string, string>> = {
  archive_url: "/{archive_format}{/ref}",
  assignees_url: "/assignees{/user}",
  blobs_url: "/git/blobs{/sha}",
  branches_url: "/branches{/branch}",
  collaborators_url: "/collaborators{/collaborator}",
  comments_url: "/comments{/number}",
  commits_url: "/commits{/sha}",
  compare_url: "/compare/{base}...{head}",
  contents_url: "/contents/{+path}",
  contributors_url: "/contributors",
  deployments_url: "/deployments",
  downloads_url: "/downloads",
  events_url: "/events",
  forks_url: "/forks",
  git_commits_url: "/git/commits{/sha}",
  git_refs_url: "/git/refs{/sha}",
  git_tags_url: "/git/tags{/sha}",
  hooks_url: "/hooks",
  issue_comment_url: "/issues/comments{/number}",
  issue_events_url: "/issues/events{/number}",
  issues_url: "/issues{/number}",
  keys_url: "/keys{/key_id}",
  labels_url: "/labels{/name}",
  languages_url: "/languages",
  merges_url: "/merges",
  milestones_url: "/milestones{/number}",
  notifications_url: "/notifications{?since,all,participating}",
  pulls_url: "/pulls{/number}",
  releases_url: "/releases{/id}",
  stargazers_url: "/stargazers",
  statuses_url: "/statuses/{sha}",
  subscribers_url: "/subscribers",
  subscription_url: "/subscription",
  tags_url: "/tags",
  teams_url: "/teams",
  trees_url: "/git/trees{/sha}",
};

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
    ...Object.fromEntries(Object.entries(BELOW).map(([name, path]) => [name, base + path])),
  };
}

/** A repository asked for by itself. Nobody watches, stars or forks it, and it has no licence that GitHub would recognise. */
export function repositoryJson(view: View): Record<string, unknown> {
  const { repository, html } = view;
  const none = { forks: 0, forks_count: 0, open_issues: 0, open_issues_count: 0, stargazers_count: 0, watchers: 0, watchers_count: 0 };
  const without = { has_issues: false, has_projects: false, has_wiki: false, has_pages: false, has_discussions: false };
  return {
    ...minimalRepositoryJson(view),
    ...none,
    ...without,
    network_count: 0,
    subscribers_count: 0,
    size: 0,
    homepage: null,
    language: null,
    license: null,
    mirror_url: null,
    clone_url: `${html}.git`,
    git_url: `${html.replace(/^http/, "git")}.git`,
    ssh_url: `git@${new URL(html).hostname}:${repository.owner}/${repository.name}.git`,
    svn_url: html,
    default_branch: repository.defaultBranch,
    visibility: repository.private ? "private" : "public",
    archived: false,
    disabled: false,
    created_at: repository.createdAt,
    updated_at: repository.createdAt,
    pushed_at: repository.createdAt,
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

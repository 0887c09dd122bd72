import { ApiError, notFound, ok } from "./answer.ts";
import type { Git } from "./git.ts";
import { type Commit, listTree, readCommit } from "./git-objects.ts";
import { wantsRaw, wrapped } from "./git-routes.ts";
import { linkHeader, pageOf } from "./page.ts";
import { commitJson, type View } from "./repository.ts";
import type { Call, Route } from "./route.ts";

/** Reading files and history. Files are written through refs only, so there is no contents PUT or DELETE here. */

const read = { permission: "contents", level: "read" } as const;
// Above 1 MB GitHub sends the content only as raw (up to 100 MB), and an object with an empty content otherwise.
const inlineLimit = 1024 * 1024;

export function contentsRoutes(view: View, git: Git): readonly Route[] {
  const { base, html, repository } = view;

  const fileUrls = (path: string, ref: string, sha: string, type: "blob" | "tree") => {
    const self = `${base}/contents/${path}?ref=${encodeURIComponent(ref)}`;
    const gitUrl = `${base}/git/${type}s/${sha}`;
    const page = `${html}/${type}/${ref}/${path}`;
    return { url: self, git_url: gitUrl, html_url: page, download_url: null, _links: { self, git: gitUrl, html: page } };
  };

  const contents = async (call: Call, path: string) => {
    const ref = call.query.get("ref") ?? repository.defaultBranch;
    const commit = await findCommit(git, ref);
    if (commit === null) throw new ApiError(404, `No commit found for the ref ${ref}`);
    const found = path === "" ? await git.read(`${commit.sha}^{tree}`) : await git.read(`${commit.sha}:${path}`);
    if (found === null) throw notFound();
    const name = path.split("/").at(-1) ?? path;
    if (found.type === "tree") {
      const entries = await listTree(git, found.sha, false);
      return ok(
        entries.map((entry) => {
          const type = entry.type === "tree" ? "dir" : "file";
          const inside = path === "" ? entry.path : `${path}/${entry.path}`;
          const urls = fileUrls(inside, ref, entry.sha, entry.type === "tree" ? "tree" : "blob");
          return { name: entry.path, path: inside, sha: entry.sha, size: entry.size ?? 0, type, ...urls };
        }),
      );
    }
    if (wantsRaw(call.headers.accept)) {
      return { status: 200, bytes: { type: "application/vnd.github.raw+json; charset=utf-8", content: found.content } };
    }
    const inline = found.content.length <= inlineLimit;
    return ok({
      type: "file",
      encoding: inline ? "base64" : "none",
      size: found.content.length,
      name,
      path,
      content: inline ? wrapped(found.content) : "",
      sha: found.sha,
      ...fileUrls(path, ref, found.sha, "blob"),
    });
  };

  const commitsOf = async (shas: readonly string[]): Promise<readonly Commit[]> => {
    const commits = await Promise.all(shas.map((sha) => readCommit(git, sha)));
    return commits.filter((commit) => commit !== null);
  };

  return [
    { method: "GET", path: "/repos/:owner/:repo/contents", access: read, handle: (call) => contents(call, "") },
    { method: "GET", path: "/repos/:owner/:repo/contents/", access: read, handle: (call) => contents(call, "") },
    {
      method: "GET",
      path: "/repos/:owner/:repo/contents/*path",
      access: read,
      handle: (call) => contents(call, call.param("path").replace(/\/$/, "")),
    },
    {
      method: "GET",
      path: "/repos/:owner/:repo/commits",
      access: read,
      async handle(call) {
        const from = await findCommit(git, call.query.get("sha") ?? repository.defaultBranch);
        if (from === null) throw notFound();
        const path = call.query.get("path");
        const limits = [
          ...(call.query.get("until") === null ? [] : [`--until=${call.query.get("until")}`]),
          ...(call.query.get("since") === null ? [] : [`--since=${call.query.get("since")}`]),
        ];
        const where = [...limits, from.sha, "--", ...(path === null || path === "" ? [] : [path])];
        const { skip, size } = pageOf(call);
        const [total, shas] = await Promise.all([
          git.text(["rev-list", "--count", ...where]),
          git.text(["rev-list", `--skip=${skip}`, `--max-count=${size}`, ...where]),
        ]);
        const commits = await commitsOf(shas.split("\n").filter((sha) => sha !== ""));
        return ok(
          commits.map((commit) => commitJson(commit, view)),
          linkHeader(call, view.urls.api, Number(total)),
        );
      },
    },
    {
      method: "GET",
      path: "/repos/:owner/:repo/commits/*ref",
      access: read,
      async handle(call) {
        const ref = call.param("ref");
        const commit = await findCommit(git, ref);
        if (commit === null) throw new ApiError(422, `No commit found for SHA: ${ref}`);
        const files = await changedFiles(git, commit.parents[0] ?? null, commit.sha);
        const sum = (pick: (file: ChangedFile) => number) => files.reduce((total, file) => total + pick(file), 0);
        const stats = { additions: sum((file) => file.additions), deletions: sum((file) => file.deletions) };
        return ok({
          ...commitJson(commit, view),
          stats: { ...stats, total: stats.additions + stats.deletions },
          files: files.map((file) => changedFileJson(file, commit.sha, view)),
        });
      },
    },
    {
      method: "GET",
      path: "/repos/:owner/:repo/compare/*basehead",
      access: read,
      async handle(call) {
        const [from = "", to = ""] = call.param("basehead").split("...");
        const [older, newer] = await Promise.all([findCommit(git, from), findCommit(git, to)]);
        if (older === null || newer === null) throw notFound();
        const mergeBase = await git.text(["merge-base", older.sha, newer.sha]).catch(() => "");
        if (mergeBase === "") throw new ApiError(404, `No common ancestor between ${from} and ${to}.`);
        const counts = await git.text(["rev-list", "--left-right", "--count", `${older.sha}...${newer.sha}`]);
        const [behind = 0, ahead = 0] = counts.split("\t").map(Number);
        const { skip, size } = pageOf(call);
        const listed = await git.text(["rev-list", "--reverse", `${older.sha}..${newer.sha}`]);
        const [commits, [common]] = await Promise.all([
          commitsOf(
            listed
              .split("\n")
              .filter((sha) => sha !== "")
              .slice(skip, skip + size),
          ),
          commitsOf([mergeBase]),
        ]);
        const page = `${html}/compare/${from}...${to}`;
        const status = ahead > 0 && behind > 0 ? "diverged" : ahead > 0 ? "ahead" : behind > 0 ? "behind" : "identical";
        return ok({
          url: `${base}/compare/${from}...${to}`,
          html_url: page,
          permalink_url: page,
          diff_url: `${page}.diff`,
          patch_url: `${page}.patch`,
          base_commit: commitJson(older, view),
          merge_base_commit: common === undefined ? null : commitJson(common, view),
          status,
          ahead_by: ahead,
          behind_by: behind,
          total_commits: ahead,
          commits: commits.map((commit) => commitJson(commit, view)),
          files: (await changedFiles(git, mergeBase, newer.sha)).map((file) => changedFileJson(file, newer.sha, view)),
        });
      },
    },
  ];
}

/** A commit by branch, tag, full ref or sha, in the order GitHub looks. */
export async function findCommit(git: Git, name: string): Promise<Commit | null> {
  for (const candidate of [
    `refs/heads/${name}`,
    `refs/tags/${name}`,
    ...(name.startsWith("refs/") || /^[0-9a-f]{7,40}$/.test(name) ? [name] : []),
    ...(name.startsWith("heads/") || name.startsWith("tags/") ? [`refs/${name}`] : []),
  ]) {
    const commit = await readCommit(git, candidate);
    if (commit !== null) return commit;
  }
  return name === "HEAD" ? readCommit(git, "HEAD") : null;
}

interface ChangedFile {
  readonly sha: string;
  readonly filename: string;
  readonly status: "added" | "removed" | "modified";
  readonly additions: number;
  readonly deletions: number;
  readonly changes: number;
}

function changedFileJson(file: ChangedFile, commit: string, { base, html }: View): Record<string, unknown> {
  const path = file.filename.split("/").map(encodeURIComponent).join("/");
  return {
    ...file,
    blob_url: `${html}/blob/${commit}/${path}`,
    raw_url: `${html}/raw/${commit}/${path}`,
    contents_url: `${base}/contents/${path}?ref=${commit}`,
  };
}

async function changedFiles(git: Git, before: string | null, after: string): Promise<readonly ChangedFile[]> {
  const from = before ?? (await git.text(["hash-object", "-t", "tree", "--stdin"]));
  const listing = await git.run(["diff-tree", "-r", "-z", "--no-renames", "--raw", "--numstat", "--full-index", from, after]);
  const parts = listing.toString().split("\0");
  const status = new Map<string, { readonly letter: string; readonly sha: string }>();
  const files: ChangedFile[] = [];
  for (let index = 0; index < parts.length; index += 1) {
    const part = parts[index] ?? "";
    if (part.startsWith(":")) {
      const [, , oldSha = "", newSha = "", letter = ""] = part.split(" ");
      status.set(parts[index + 1] ?? "", { letter, sha: letter === "D" ? oldSha : newSha });
      index += 1;
      continue;
    }
    const [added = "", removed = "", filename] = part.split("\t");
    if (filename === undefined) continue;
    const { letter = "M", sha = "" } = status.get(filename) ?? {};
    const [additions, deletions] = [Number(added) || 0, Number(removed) || 0];
    const word = letter === "A" ? "added" : letter === "D" ? "removed" : "modified";
    files.push({ sha, filename, status: word, additions, deletions, changes: additions + deletions });
  }
  return files;
}

import { ApiError, created, invalid, notFound, ok } from "./answer.ts";
import { type Body, readBody } from "./body.ts";
import { type Git, GitFailure } from "./git.ts";
import {
  isAncestor,
  listTree,
  readCommit,
  type Signature,
  shaPattern,
  type TreeChange,
  toSeconds,
  writeBlob,
  writeCommit,
  writeTree,
} from "./git-objects.ts";
import type { Refs } from "./move-ref.ts";
import { pagedList } from "./page.ts";
import { signature } from "./people.ts";
import { gitCommitJson, nodeId, type View } from "./repository.ts";
import type { Route } from "./route.ts";

/** The Git Data API: blobs, trees, commits and refs. */

const read = { permission: "contents", level: "read" } as const;
const write = { permission: "contents", level: "write" } as const;
const fileModes = ["100644", "100755", "040000", "160000", "120000"];

export interface GitRoutesDeps {
  readonly view: View;
  readonly git: Git;
  readonly refs: Refs;
  readonly now: () => Date;
}

export function gitRoutes({ view, git, refs, now }: GitRoutesDeps): readonly Route[] {
  const { base } = view;

  const refJson = async (ref: string, sha: string) => {
    const type = (await git.read(sha))?.type ?? "commit";
    return { ref, node_id: nodeId("Ref", ref), url: `${base}/git/${ref}`, object: { sha, type, url: `${base}/git/${type}s/${sha}` } };
  };

  const commitAt = async (sha: string, message: string) => {
    const commit = shaPattern.test(sha) ? await readCommit(git, sha) : null;
    if (commit === null) throw new ApiError(422, message);
    return commit;
  };

  const treeJson = async (sha: string, recursive: boolean) => {
    const entries = await listTree(git, sha, recursive);
    return {
      sha,
      url: `${base}/git/trees/${sha}`,
      tree: entries.map(({ path, mode, type, sha: id, size }) => ({
        path,
        mode,
        type,
        sha: id,
        ...(size === null ? {} : { size }),
        ...(type === "commit" ? {} : { url: `${base}/git/${type}s/${id}` }),
      })),
      truncated: false,
    };
  };

  const readChange = async (value: unknown): Promise<TreeChange> => {
    const entry = readBody(value, ["path", "mode", "type", "sha", "content"], "properties/tree");
    const path = entry.text("path");
    const mode = entry.optionalText("mode") ?? "100644";
    if (!fileModes.includes(mode)) throw new ApiError(422, `tree.mode ${mode} is not valid: one of ${fileModes.join(", ")}`);
    if (
      path === "" ||
      path.startsWith("/") ||
      path.split("/").some((part) => part === "" || part === "." || part === ".." || part === ".git")
    ) {
      throw new ApiError(422, "tree.path contains a malformed path component");
    }
    if (entry.raw("sha") === null) return { path, mode, sha: null };
    if (entry.has("content") && entry.has("sha")) throw new ApiError(422, "Must supply either tree.sha or tree.content, not both");
    if (entry.has("content")) return { path, mode, sha: await writeBlob(git, Buffer.from(entry.text("content"))) };
    const sha = entry.text("sha");
    if (mode !== "160000" && (!shaPattern.test(sha) || (await git.read(sha)) === null))
      throw new ApiError(422, `tree.sha ${sha} is not a valid blob`);
    return { path, mode, sha };
  };

  const readSignature = (body: Body, name: string, fallback: Signature): Signature => {
    const given = body.body(name);
    if (given === undefined) return fallback;
    const date = given.optionalText("date");
    if (date !== undefined && Number.isNaN(Date.parse(date)))
      throw invalid(`For 'properties/${name}/date', "${date}" is not a valid date-time.`);
    return { name: given.text("name"), email: given.text("email"), date: date === undefined ? fallback.date : toSeconds(new Date(date)) };
  };

  return [
    {
      method: "GET",
      path: "/repos/:owner/:repo/git/ref/*ref",
      access: read,
      async handle(call) {
        const ref = `refs/${call.param("ref")}`;
        const sha = await refs.read(ref);
        if (sha === null) throw notFound();
        return ok(await refJson(ref, sha));
      },
    },
    {
      method: "GET",
      path: "/repos/:owner/:repo/git/matching-refs/*ref",
      access: read,
      async handle(call) {
        const prefix = `refs/${call.param("ref")}`;
        const lines = (await git.text(["for-each-ref", "--format=%(objectname) %(refname)"])).split("\n");
        const found = lines.filter((line) => line.slice(41).startsWith(prefix));
        return pagedList(
          call,
          view.urls.api,
          await Promise.all(found.map((line) => refJson(line.slice(41), line.slice(0, 40)))),
          (ref) => ref,
        );
      },
    },
    {
      method: "POST",
      path: "/repos/:owner/:repo/git/refs",
      access: write,
      async handle(call) {
        const body = readBody(call.body, ["ref", "sha"]);
        const ref = body.text("ref");
        const sha = body.text("sha");
        if (!/^refs\/[^/]+\/.+/.test(ref)) throw new ApiError(422, "Reference name must start with 'refs/' and have at least two slashes.");
        await git.run(["check-ref-format", ref]).catch(() => {
          throw new ApiError(422, `${ref} is not a valid ref name.`);
        });
        if (!shaPattern.test(sha) || (await git.read(sha)) === null) throw new ApiError(422, "Object does not exist");
        if (ref.startsWith("refs/heads/")) await commitAt(sha, "Reference update failed");
        const moved = await refs.move({ ref, expected: null, after: sha, caller: call.caller, actor: call.caller.person.login });
        if (!moved.moved) throw new ApiError(422, "Reference already exists");
        return created(await refJson(ref, sha), `${base}/git/${ref}`);
      },
    },
    {
      method: "PATCH",
      path: "/repos/:owner/:repo/git/refs/*ref",
      access: write,
      async handle(call) {
        const body = readBody(call.body, ["sha", "force"]);
        const ref = `refs/${call.param("ref")}`;
        const sha = body.text("sha");
        const force = body.flag("force", false);
        const current = await refs.read(ref);
        if (current === null) throw new ApiError(422, "Reference does not exist");
        await commitAt(sha, "Object does not exist");
        if (!force && !(await isAncestor(git, current, sha))) throw new ApiError(422, "Update is not a fast forward");
        const moved = await refs.move({ ref, expected: current, after: sha, caller: call.caller, actor: call.caller.person.login });
        if (!moved.moved) throw new ApiError(422, "Update is not a fast forward");
        return ok(await refJson(ref, sha));
      },
    },
    {
      method: "GET",
      path: "/repos/:owner/:repo/git/blobs/:sha",
      access: read,
      async handle(call) {
        const sha = call.param("sha");
        const blob = shaPattern.test(sha) ? await git.read(sha) : null;
        if (blob === null || blob.type !== "blob") throw notFound();
        if (wantsRaw(call.headers.accept))
          return { status: 200, bytes: { type: "application/vnd.github.raw+json; charset=utf-8", content: blob.content } };
        const url = `${base}/git/blobs/${sha}`;
        return ok({
          sha,
          node_id: nodeId("Blob", sha),
          size: blob.content.length,
          url,
          content: wrapped(blob.content),
          encoding: "base64",
        });
      },
    },
    {
      method: "POST",
      path: "/repos/:owner/:repo/git/blobs",
      access: write,
      async handle(call) {
        const body = readBody(call.body, ["content", "encoding"]);
        const encoding = body.optionalText("encoding") ?? "utf-8";
        if (encoding !== "utf-8" && encoding !== "base64") throw new ApiError(422, `encoding ${encoding} is not valid: utf-8 or base64`);
        const sha = await writeBlob(git, Buffer.from(body.text("content"), encoding === "base64" ? "base64" : "utf8"));
        return created({ sha, url: `${base}/git/blobs/${sha}` }, `${base}/git/blobs/${sha}`);
      },
    },
    {
      method: "GET",
      path: "/repos/:owner/:repo/git/trees/*tree",
      access: read,
      async handle(call) {
        const tree = await git.read(`${call.param("tree")}^{tree}`);
        if (tree === null) throw notFound();
        return ok(await treeJson(tree.sha, call.query.has("recursive")));
      },
    },
    {
      method: "POST",
      path: "/repos/:owner/:repo/git/trees",
      access: write,
      async handle(call) {
        const body = readBody(call.body, ["base_tree", "tree"]);
        const listed = body.list("tree");
        if (listed === undefined) throw invalid('"tree" wasn\'t supplied.');
        const asked = body.optionalText("base_tree");
        const from = asked === undefined ? null : await git.read(`${asked}^{tree}`);
        if (asked !== undefined && from === null) throw new ApiError(404, "Tree SHA does not exist");
        const changes = await Promise.all(listed.map(readChange));
        const sha = await writeTree(git, from?.sha ?? null, changes).catch((error: unknown) => {
          if (error instanceof GitFailure) throw new ApiError(422, "GitRPC::BadObjectState");
          throw error;
        });
        return created(await treeJson(sha, false), `${base}/git/trees/${sha}`);
      },
    },
    {
      method: "GET",
      path: "/repos/:owner/:repo/git/commits/:sha",
      access: read,
      async handle(call) {
        const sha = call.param("sha");
        const commit = shaPattern.test(sha) ? await readCommit(git, sha) : null;
        if (commit === null) throw notFound();
        return ok(gitCommitJson(commit, view));
      },
    },
    {
      method: "POST",
      path: "/repos/:owner/:repo/git/commits",
      access: write,
      async handle(call) {
        const body = readBody(call.body, ["message", "tree", "parents", "author", "committer"]);
        const tree = body.text("tree");
        if (!shaPattern.test(tree) || (await git.read(tree))?.type !== "tree") throw new ApiError(422, "Tree SHA does not exist");
        const parents = (body.list("parents") ?? []).map((parent) => (typeof parent === "string" ? parent : ""));
        for (const parent of parents) await commitAt(parent, "Parent SHA does not exist or is not a commit object");
        const author = readSignature(body, "author", signature(call.caller.person, now()));
        const committer = readSignature(body, "committer", author);
        const sha = await writeCommit(git, { tree, parents, author, committer, message: body.text("message") });
        return created(gitCommitJson(await commitAt(sha, "Commit SHA does not exist"), view), `${base}/git/commits/${sha}`);
      },
    },
  ];
}

export function wantsRaw(accept: string | undefined): boolean {
  return /application\/vnd\.github(\.v3)?\.raw(\+json)?/.test(accept ?? "");
}

/** Base64 in lines of 60, as GitHub sends it. */
export function wrapped(content: Buffer): string {
  return content.toString("base64").replace(/.{1,60}/g, "$&\n");
}

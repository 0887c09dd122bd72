import { randomUUID } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Git, GitFailure } from "./git.ts";

/** Commits, trees and blobs as values, and the few ways the sandbox makes new ones. */

export interface Signature {
  readonly name: string;
  readonly email: string;
  /** RFC 3339, UTC, whole seconds. */
  readonly date: string;
}

export interface Commit {
  readonly sha: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: Signature;
  readonly committer: Signature;
  readonly message: string;
}

export interface TreeEntry {
  readonly path: string;
  readonly mode: string;
  readonly type: "blob" | "tree" | "commit";
  readonly sha: string;
  readonly size: number | null;
}

/** A change to a tree: a new content by sha, or nothing where the path is to go. */
export interface TreeChange {
  readonly path: string;
  readonly mode: string;
  readonly sha: string | null;
}

export const shaPattern = /^[0-9a-f]{40}$/;

export const toSeconds = (date: Date): string => `${date.toISOString().slice(0, 19)}Z`;

function readSignature(line: string): Signature {
  const match = /^(.*) <(.*)> (\d+) [+-]\d{4}$/.exec(line);
  const [, name = "", email = "", seconds = "0"] = match ?? [];
  return { name, email, date: toSeconds(new Date(Number(seconds) * 1000)) };
}

export async function readCommit(git: Git, revision: string): Promise<Commit | null> {
  const found = await git.read(`${revision}^{commit}`);
  if (found === null || found.type !== "commit") return null;
  const text = found.content.toString();
  const split = text.indexOf("\n\n");
  const headers = text.slice(0, split).split("\n");
  const all = (name: string) => headers.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1));
  return {
    sha: found.sha,
    tree: all("tree")[0] ?? "",
    parents: all("parent"),
    author: readSignature(all("author")[0] ?? ""),
    committer: readSignature(all("committer")[0] ?? ""),
    message: text.slice(split + 2).replace(/\n$/, ""),
  };
}

export async function listTree(git: Git, tree: string, recursive: boolean): Promise<readonly TreeEntry[]> {
  const listing = await git.run(["ls-tree", "-l", "-z", ...(recursive ? ["-r", "-t"] : []), tree]);
  return listing
    .toString()
    .split("\0")
    .filter((line) => line !== "")
    .map((line) => {
      const [meta = "", path = ""] = line.split("\t");
      const [mode = "", type = "", sha = "", size = "-"] = meta.split(/ +/);
      return { path, mode, type: type === "tree" || type === "commit" ? type : "blob", sha, size: size === "-" ? null : Number(size) };
    });
}

export function writeBlob(git: Git, content: Buffer): Promise<string> {
  return git.text(["hash-object", "-w", "-t", "blob", "--stdin"], { input: content });
}

async function withIndex<T>(git: Git, use: (env: Readonly<Record<string, string>>) => Promise<T>): Promise<T> {
  const folder = join(git.dir, "sandbox-index");
  await mkdir(folder, { recursive: true });
  const file = join(folder, randomUUID());
  try {
    return await use({ GIT_INDEX_FILE: file });
  } finally {
    await rm(file, { force: true });
  }
}

/** The tree that results from changing `base` (null: an empty tree). */
export function writeTree(git: Git, base: string | null, changes: readonly TreeChange[]): Promise<string> {
  return withIndex(git, async (env) => {
    await git.run(base === null ? ["read-tree", "--empty"] : ["read-tree", base], { env });
    const files = changes.filter((change) => change.mode !== "040000");
    const removed = files.filter((change) => change.sha === null).map((change) => `0 ${"0".repeat(40)}\t${change.path}\0`);
    const put = files.filter((change) => change.sha !== null).map((change) => `${change.mode} ${change.sha}\t${change.path}\0`);
    if (files.length > 0) await git.run(["update-index", "-z", "--index-info"], { env, input: [...removed, ...put].join("") });
    for (const folder of changes.filter((change) => change.mode === "040000")) {
      await git.run(["rm", "-r", "-q", "--cached", "--ignore-unmatch", "--", folder.path], { env, args: ["--work-tree=/"] });
      if (folder.sha !== null) await git.run(["read-tree", `--prefix=${folder.path}/`, folder.sha], { env });
    }
    return git.text(["write-tree"], { env });
  });
}

export interface NewCommit {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: Signature;
  readonly committer: Signature;
  readonly message: string;
}

export function writeCommit(git: Git, commit: NewCommit): Promise<string> {
  const parents = commit.parents.flatMap((parent) => ["-p", parent]);
  return git.text(["commit-tree", commit.tree, ...parents], {
    input: commit.message,
    env: {
      GIT_AUTHOR_NAME: commit.author.name,
      GIT_AUTHOR_EMAIL: commit.author.email,
      GIT_AUTHOR_DATE: commit.author.date,
      GIT_COMMITTER_NAME: commit.committer.name,
      GIT_COMMITTER_EMAIL: commit.committer.email,
      GIT_COMMITTER_DATE: commit.committer.date,
    },
  });
}

export async function isAncestor(git: Git, older: string, newer: string): Promise<boolean> {
  try {
    await git.run(["merge-base", "--is-ancestor", older, newer]);
    return true;
  } catch (error) {
    if (error instanceof GitFailure && error.code === 1) return false;
    throw error;
  }
}

import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Git } from "./git.ts";
import { readCommit, toSeconds, writeCommit } from "./git-objects.ts";
import type { Refs } from "./move-ref.ts";
import { type Person, signature } from "./people.ts";

/** Makes a commit of a folder's files as they are now, honouring .gitignore; the folder itself is never touched. */

export interface ImportDeps {
  readonly git: Git;
  readonly refs: Refs;
  readonly now: () => Date;
  /** Who wrote what lies in the folder: on GitHub every commit has an author, and some of its files need one. */
  readonly author: Person | undefined;
}

// Enough to get past a few concurrent commits; more means that somebody is in a loop.
const attempts = 5;

export async function importTree({ git, refs, now, author }: ImportDeps, dir: string, branch: string, message: string): Promise<string> {
  const workTree = resolve(dir);
  const folder = join(git.dir, "sandbox-index");
  await mkdir(folder, { recursive: true });
  // One index per folder, kept: the next import looks only at files whose stat changed.
  const env = { GIT_INDEX_FILE: join(folder, `import-${createHash("sha256").update(workTree).digest("hex").slice(0, 16)}`) };
  await git.run(["add", "--all", "."], { env, args: ["-c", "core.bare=false", "-C", workTree, `--work-tree=${workTree}`] });
  const tree = await git.text(["write-tree"], { env });
  const ref = `refs/heads/${branch}`;
  const by = { name: "Holdfast sandbox", email: "sandbox@holdfast.invalid", date: toSeconds(now()) };
  const writer = author === undefined ? by : signature(author, now());
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const head = await refs.read(ref);
    const standing = head === null ? null : await readCommit(git, head);
    if (standing?.tree === tree) return standing.sha;
    const after = await writeCommit(git, { tree, parents: head === null ? [] : [head], author: writer, committer: by, message });
    if ((await refs.move({ ref, expected: head, after, caller: null, actor: "holdfast-sandbox" })).moved) return after;
  }
  throw new Error(`Branch ${branch} moved ${attempts} times while ${workTree} was imported`);
}

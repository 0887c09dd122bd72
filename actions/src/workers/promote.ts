/**
 * Promotion in its simplest honest form: a commit of `main` whose CI passed becomes the next commit of `production`, together with the bundles
 * and the page that were built from it. Nothing is forced; a commit that is already promoted is left alone.
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { InvalidInput, nameRequest, parsePromotionReason } from "../domain/index.ts";
import { type FileText, openBranch } from "../github/branch.ts";
import { statusOf } from "../github/client.ts";
import { passed } from "../github/runs.ts";
import { actionIo as io } from "../runner/action-io.ts";
import { exitWith } from "./conduct.ts";
import { openInstallation } from "./installation.ts";
import { openJournal } from "./journal.ts";
import { Refusal, report } from "./outcome.ts";
import { readConfig } from "./read-config.ts";

const BRANCH = "production";
const BUILT = ["actions/dist", "web/dist"];
// The page reads the configuration in force from here, so that it needs no YAML parser and sees what the workers see.
const EFFECTIVE_CONFIG = "actions/dist/config.json";

await exitWith(io, async () => {
  const installation = await openInstallation(io);
  const { github, ledger, origin } = installation;
  const commit = process.env.GITHUB_SHA ?? "";
  const given = readReason(io.input("reason"));
  const reason = given instanceof Refusal ? "(refused before it was read)" : given;
  const journal = await openJournal(ledger, { requestId: nameRequest(`promote ${commit}`), reason }, origin, () => new Date());
  try {
    if (given instanceof Refusal) throw given;
    if (!(await passed(github, "ci.yml", commit))) {
      throw new Refusal(
        `CI has not passed on commit ${commit}.`,
        "Wait for ci.yml on main to succeed, or mend what fails there; then promote again.",
      );
    }
    const config = await readConfig();
    const files = [...(await built()), { path: EFFECTIVE_CONFIG, text: `${JSON.stringify(config, null, 1)}\n` }];
    const promoted = await commitBuilt(commit, files);
    await journal.record("completed", "promotion.completed", { commit, production: promoted });
    io.output("production", promoted);
    const facts = [
      { name: "Commit of main", value: commit },
      { name: "Commit of production", value: promoted },
      { name: "Files built", value: String(files.length) },
    ];
    return await report(
      io,
      {
        result: "completed",
        title: "Promoted to production",
        facts,
        next: "Nothing: workflows dispatched at production use it from now on.",
      },
      journal.view(),
    );
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { message: problem, next } = error;
    // Each run is refused for itself: the same commit may be promoted too early more than once.
    await journal.record(`refused-${origin.run}`, "promotion.refused", { commit, problem, next });
    return report(io, { result: "refused", title: "Not promoted", problem, exists: [], next }, journal.view());
  }

  async function commitBuilt(source: string, files: readonly FileText[]): Promise<string> {
    const { repository, rest } = github;
    const head = await openBranch(github, BRANCH).head();
    const message = `Promote ${source.slice(0, 12)}\n\nPromotes: ${source}`;
    if (head !== null) {
      const last = await rest.git.getCommit({ ...repository, commit_sha: head });
      if (last.data.message.includes(`Promotes: ${source}`)) return head;
    }
    const base = await rest.git.getCommit({ ...repository, commit_sha: source });
    const tree = await rest.git.createTree({
      ...repository,
      base_tree: base.data.tree.sha,
      tree: files.map((file) => ({ path: file.path, mode: "100644" as const, type: "blob" as const, content: file.text })),
    });
    const parents = head === null ? [source] : [head, source];
    const made = await rest.git.createCommit({ ...repository, message, tree: tree.data.sha, parents });
    try {
      if (head === null) await rest.git.createRef({ ...repository, ref: `refs/heads/${BRANCH}`, sha: made.data.sha });
      else await rest.git.updateRef({ ...repository, ref: `heads/${BRANCH}`, sha: made.data.sha, force: false });
    } catch (error) {
      if (statusOf(error) !== 422) throw error;
      throw new Refusal("production moved while this promotion was built.", "Promote again.");
    }
    return made.data.sha;
  }
});

function readReason(text: string): string | Refusal {
  try {
    return parsePromotionReason(text);
  } catch (error) {
    if (error instanceof InvalidInput) return new Refusal(error.message, "Correct the reason and promote again.");
    throw error;
  }
}

/** Every file the build made. All of it is text; GitHub takes text inline, so the whole promotion is one tree. */
async function built(): Promise<readonly FileText[]> {
  const files: FileText[] = [];
  for (const root of BUILT) {
    const names = await readdir(root, { recursive: true, withFileTypes: true });
    for (const file of names.filter((each) => each.isFile())) {
      const path = join(file.parentPath, file.name).replaceAll("\\", "/");
      files.push({ path, text: await readFile(path, "utf8") });
    }
  }
  return files;
}

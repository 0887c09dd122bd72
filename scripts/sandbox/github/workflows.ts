import { join } from "node:path";
import { ApiError } from "./answer.ts";
import { type Engine, UnsupportedWorkflow, type WorkflowPlan } from "./engine-seam.ts";
import type { Git } from "./git.ts";
import { listTree } from "./git-objects.ts";
import { readStored, writeStored } from "./stored-file.ts";

/** The workflow files of a commit, and the ids GitHub gives them for life. */

export interface WorkflowFile {
  readonly path: string;
  readonly blob: string;
  readonly text: string;
}

export interface WorkflowEntry {
  readonly id: number;
  readonly path: string;
  readonly createdAt: string;
}

export interface Workflows {
  at(revision: string): Promise<readonly WorkflowFile[]>;
  file(revision: string, path: string): Promise<WorkflowFile | null>;
  /** Throws UnsupportedWorkflow, or a 422 with the parser's words. */
  plan(file: WorkflowFile): WorkflowPlan;
  /** The workflow of the default branch that an id or a file name means; 404 otherwise. */
  find(idOrName: string): Promise<{ readonly entry: WorkflowEntry; readonly file: WorkflowFile }>;
  entry(path: string): WorkflowEntry;
}

const folder = ".github/workflows";
const firstId = 180_000_000;

export function openWorkflows(git: Git, engine: Engine | undefined, state: string, defaultBranch: string, now: () => Date): Workflows {
  const idsFile = join(state, "workflows.json");
  let entries = readStored<readonly WorkflowEntry[]>(idsFile, []);
  const plans = new Map<string, WorkflowPlan>();

  const at = async (revision: string): Promise<readonly WorkflowFile[]> => {
    const tree = await git.read(`${revision}:${folder}`);
    if (tree === null || tree.type !== "tree") return [];
    const listed = (await listTree(git, tree.sha, false)).filter(({ type, path }) => type === "blob" && /\.ya?ml$/.test(path));
    return Promise.all(
      listed.map(async ({ path, sha }) => ({
        path: `${folder}/${path}`,
        blob: sha,
        text: (await git.read(sha))?.content.toString() ?? "",
      })),
    );
  };
  const entry = (path: string): WorkflowEntry => {
    const known = entries.find((candidate) => candidate.path === path);
    if (known !== undefined) return known;
    const fresh = { id: firstId + entries.length + 1, path, createdAt: now().toISOString() };
    writeStored(idsFile, [...entries, fresh]);
    entries = [...entries, fresh];
    return fresh;
  };
  return {
    at,
    entry,
    async file(revision, path) {
      const found = await git.read(`${revision}:${path}`);
      return found === null || found.type !== "blob" ? null : { path, blob: found.sha, text: found.content.toString() };
    },
    plan(file) {
      if (engine === undefined) throw new UnsupportedWorkflow(`${file.path}: this sandbox was started without a workflow engine`);
      const key = `${file.blob} ${file.path}`;
      const known = plans.get(key);
      if (known !== undefined) return known;
      try {
        const plan = engine.plan(file.text, file.path);
        plans.set(key, plan);
        return plan;
      } catch (error) {
        if (error instanceof UnsupportedWorkflow) throw error;
        throw new ApiError(422, `failed to parse workflow: ${error instanceof Error ? error.message : String(error)}`);
      }
    },
    async find(idOrName) {
      const files = await at(`refs/heads/${defaultBranch}`);
      const file = files.find(({ path }) => path === idOrName || path === `${folder}/${idOrName}` || String(entry(path).id) === idOrName);
      if (file === undefined) throw new ApiError(404, "Not Found");
      return { entry: entry(file.path), file };
    },
  };
}

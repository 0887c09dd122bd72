import { ApiError, ok } from "./answer.ts";
import { readBody } from "./body.ts";
import { checkInputs } from "./dispatch-inputs.ts";
import type { Git } from "./git.ts";
import { readCommit } from "./git-objects.ts";
import { linkHeader, pageOf } from "./page.ts";
import type { View } from "./repository.ts";
import type { Call, Route } from "./route.ts";
import { workflowJson } from "./run-shapes.ts";
import type { OpenSettings } from "./settings.ts";
import type { StartRuns } from "./start-runs.ts";
import type { WorkflowFile, Workflows } from "./workflows.ts";

/** Workflows and their dispatch. */

const read = { permission: "actions", level: "read" } as const;
const write = { permission: "actions", level: "write" } as const;

export interface WorkflowRoutesDeps {
  readonly view: View;
  readonly git: Git;
  readonly workflows: Workflows;
  readonly starts: StartRuns;
  readonly settings: OpenSettings;
}

export function workflowRoutes({ view, git, workflows, starts, settings }: WorkflowRoutesDeps): readonly Route[] {
  const { base, html, repository, urls } = view;
  const defaultRef = `refs/heads/${repository.defaultBranch}`;

  const fullRef = async (ref: string): Promise<{ readonly ref: string; readonly sha: string }> => {
    const candidates = ref.startsWith("refs/") ? [ref] : [`refs/heads/${ref}`, `refs/tags/${ref}`];
    for (const candidate of candidates) {
      const commit = await readCommit(git, candidate);
      if (commit !== null) return { ref: candidate, sha: commit.sha };
    }
    throw new ApiError(422, `No ref found for: ${ref}`);
  };

  const stateOf = (path: string) => settings.get().workflowStates[path.split("/").at(-1) ?? path] ?? "active";
  const json = (file: WorkflowFile) => workflowJson(workflows.entry(file.path), workflows.plan(file).name, stateOf(file.path), view);

  const dispatch = async (call: Call) => {
    const body = readBody(call.body, ["ref", "inputs", "return_run_details"]);
    const asked = body.text("ref");
    // From this version on GitHub always answers with the run.
    const details = body.flag("return_run_details", false) || call.apiVersion >= "2026-03-10";
    const { file: registered } = await workflows.find(call.param("workflow"));
    if (stateOf(registered.path) !== "active") throw new ApiError(422, "Cannot trigger a 'workflow_dispatch' on a disabled workflow");
    const { ref, sha } = await fullRef(asked);
    const file = await workflows.file(sha, registered.path);
    const plan = file === null ? null : workflows.plan(file);
    if (file === null || plan === null || !plan.events.includes("workflow_dispatch")) {
      throw new ApiError(422, "Workflow does not have 'workflow_dispatch' trigger");
    }
    const inputs = checkInputs(plan.dispatchInputs, body.raw("inputs"));
    const actor = call.caller.person.login;
    const run = await starts.start({ file, workflowName: plan.name, event: "workflow_dispatch", ref, sha, actor, inputs });
    if (!details) return { status: 204 };
    const path = `/actions/runs/${run.id}`;
    return ok({ workflow_run_id: run.id, run_url: `${base}${path}`, html_url: `${html}${path}` });
  };

  return [
    {
      method: "GET",
      path: "/repos/:owner/:repo/actions/workflows",
      access: read,
      async handle(call) {
        const files = await workflows.at(defaultRef);
        const { skip, size } = pageOf(call);
        const shown = files.slice(skip, skip + size).map(json);
        return ok({ total_count: files.length, workflows: shown }, linkHeader(call, urls.api, files.length));
      },
    },
    {
      method: "GET",
      path: "/repos/:owner/:repo/actions/workflows/:workflow",
      access: read,
      async handle(call) {
        const { file } = await workflows.find(call.param("workflow"));
        return ok(json(file));
      },
    },
    { method: "POST", path: "/repos/:owner/:repo/actions/workflows/:workflow/dispatches", access: write, handle: dispatch },
  ];
}

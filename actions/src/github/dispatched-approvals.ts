import { type Approvable, approvedBy } from "../domain/index.ts";
import type { GitHub } from "./client.ts";

const MAY_WRITE = ["admin", "write"];

/** Everybody with the right to write who approved this digest by a run of respond.yml, as GitHub tells now; throws where it does not say. */
export async function dispatchedApprovals(github: GitHub, runId: number, asked: Omit<Approvable, "commit">): Promise<readonly string[]> {
  const applied = await github.rest.actions.getWorkflowRun({ ...github.repository, run_id: runId });
  const since = new Date(asked.now.getTime() - asked.validForMs).toISOString();
  const runs = await github.paginate(github.rest.actions.listWorkflowRuns, {
    ...github.repository,
    workflow_id: "respond.yml",
    branch: "production",
    event: "workflow_dispatch",
    created: `>=${since.slice(0, 19)}Z`,
    per_page: 100,
  });
  const logins = new Set<string>();
  for (const run of runs) {
    const login = approvedBy(
      {
        event: run.event,
        path: run.path,
        branch: run.head_branch,
        commit: run.head_sha,
        attempt: run.run_attempt ?? 0,
        status: run.status,
        conclusion: run.conclusion,
        title: run.display_title,
        createdAt: run.created_at,
        actor: run.actor?.login ?? null,
        triggeringActor: run.triggering_actor?.login ?? null,
        actorType: run.actor?.type ?? null,
      },
      { ...asked, commit: applied.data.head_sha },
    );
    if (login !== null) logins.add(login);
  }
  // A right that was taken away since takes the approval along.
  const rights = await Promise.all([...logins].map(async (login) => ({ login, may: await mayWrite(github, login) })));
  return rights.filter(({ may }) => may).map(({ login }) => login);
}

async function mayWrite(github: GitHub, username: string): Promise<boolean> {
  const { data } = await github.rest.repos.getCollaboratorPermissionLevel({ ...github.repository, username });
  return MAY_WRITE.includes(data.permission);
}

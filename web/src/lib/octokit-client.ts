/** The one client of GitHub's API. A lazy chunk: Octokit is a fifth of the page and is not needed to draw the first screen. */
import { throttling } from "@octokit/plugin-throttling";
import { Octokit } from "@octokit/rest";
import * as z from "zod/mini";
import { ApiFailure } from "./api-failure.ts";
import type { GitHub, Run } from "./github.ts";
import { WORKFLOWS } from "./github.ts";

export interface ClientOptions {
  readonly apiUrl: string;
  readonly owner: string;
  readonly repository: string;
  readonly token: string;
}

// Longer than any answer of a healthy API; a hung connection must not hold a poll for ever.
const TIMEOUT_MS = 20_000;

const ThrottledOctokit = Octokit.plugin(throttling);

export function openClient({ apiUrl, owner, repository, token }: ClientOptions): GitHub {
  const octokit = connect(apiUrl, token);
  const repo = { owner, repo: repository };
  const { rest } = octokit;

  return {
    user: () =>
      ask("GET /user", async () => {
        const { data, headers } = await rest.users.getAuthenticated();
        return { login: data.login, scopes: headers["x-oauth-scopes"] || null };
      }),
    repository: () =>
      ask(`GET /repos/${owner}/${repository}`, async () => {
        const { data } = await rest.repos.get(repo);
        return { private: data.private, push: data.permissions?.push ?? false };
      }),
    branchHead: (branch) =>
      orNull(`GET git/ref/heads/${branch}`, async () => (await rest.git.getRef({ ...repo, ref: `heads/${branch}` })).data.object.sha),
    tree: (ref) =>
      orNull(`GET git/trees/${ref}`, async () => {
        const { data } = await rest.git.getTree({ ...repo, tree_sha: ref, recursive: "1" });
        if (data.truncated) throw new Error(`the tree of ${ref} is larger than GitHub lists in one answer`);
        return data.tree.flatMap(({ type, path, sha }) => (type === "blob" ? [{ path, sha }] : []));
      }),
    blob: (sha) =>
      ask(`GET git/blobs/${sha}`, async () =>
        textOf((await rest.git.getBlob({ ...repo, file_sha: sha, mediaType: { format: "raw" } })).data),
      ),
    file: (path, ref) =>
      orNull(`GET contents/${path}?ref=${ref}`, async () =>
        textOf((await rest.repos.getContent({ ...repo, path, ref, mediaType: { format: "raw" } })).data),
      ),
    workflows: () =>
      ask("GET actions/workflows", async () => (await rest.actions.listRepoWorkflows(repo)).data.workflows.map((each) => each.path)),
    runs: async (work) => {
      // A workflow that was never promoted has no runs.
      const runs = await orNull(`GET actions/workflows/${WORKFLOWS[work]}/runs`, async () => {
        const { data } = await rest.actions.listWorkflowRuns({ ...repo, workflow_id: WORKFLOWS[work], per_page: 20 });
        return data.workflow_runs.map(
          (run): Run => ({
            id: run.id,
            title: run.display_title,
            status: run.status ?? "unknown",
            conclusion: run.conclusion,
            actor: run.triggering_actor?.login ?? run.actor?.login ?? "unknown",
            createdAt: new Date(run.created_at),
            startedAt: run.run_started_at === undefined ? null : new Date(run.run_started_at),
            updatedAt: new Date(run.updated_at),
            url: run.html_url,
          }),
        );
      });
      return runs ?? [];
    },
    jobs: (runId) =>
      ask(`GET actions/runs/${runId}/jobs`, async () =>
        (await rest.actions.listJobsForWorkflowRun({ ...repo, run_id: runId })).data.jobs.map(({ name, status, conclusion, html_url }) => ({
          name,
          status,
          conclusion,
          url: html_url,
        })),
      ),
    environment: (name) =>
      orNull(`GET environments/${name}`, async () => {
        const { data } = await rest.repos.getEnvironment({ ...repo, environment_name: name });
        const rules = (data.protection_rules ?? []).flatMap((rule) => ("reviewers" in rule ? [rule] : []));
        const bypass = z.safeParse(z.object({ can_admins_bypass: z.boolean() }), data);
        return {
          name: data.name,
          reviewers: rules.flatMap((rule) => reviewerNames(rule.reviewers)),
          preventSelfReview: rules.length > 0 && rules.every((rule) => rule.prevent_self_review === true),
          // Sent, but not part of GitHub's description of the answer.
          adminsMayBypass: bypass.success ? bypass.data.can_admins_bypass : null,
        };
      }),
    pendingReviews: (runId) =>
      ask(`GET actions/runs/${runId}/pending_deployments`, async () =>
        (await rest.actions.getPendingDeploymentsForRun({ ...repo, run_id: runId })).data.map((each) => ({
          environmentId: Number(each.environment.id),
          environment: each.environment.name ?? "unknown",
          mayDecide: each.current_user_can_approve,
          reviewers: reviewerNames(each.reviewers),
        })),
      ),
    reviews: (runId) =>
      ask(`GET actions/runs/${runId}/approvals`, async () =>
        (await rest.actions.getReviewsForRun({ ...repo, run_id: runId })).data.flatMap(({ state, user, comment, environments }) =>
          state === "pending"
            ? []
            : [{ decision: state, login: user.login, comment, environments: environments.map((each) => each.name ?? "unknown") }],
        ),
      ),
    decide: (runId, environmentIds, decision, comment) =>
      ask(`POST actions/runs/${runId}/pending_deployments`, async () => {
        const environment_ids = [...environmentIds];
        await rest.actions.reviewPendingDeploymentsForRun({ ...repo, run_id: runId, environment_ids, state: decision, comment });
      }),
    dispatch: (work, ref, inputs) =>
      ask(`POST actions/workflows/${WORKFLOWS[work]}/dispatches`, async () => {
        const { data } = await octokit.request("POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches", {
          ...repo,
          workflow_id: WORKFLOWS[work],
          ref,
          inputs: { ...inputs },
          return_run_details: true,
        });
        const details = z.safeParse(runDetails, data);
        return details.success ? { runId: details.data.workflow_run_id, url: details.data.html_url } : null;
      }),
  };
}

/** GitHub revokes a token for anyone who holds it, and only without a login. */
export function revokeToken(apiUrl: string, token: string): Promise<void> {
  return ask("POST /credentials/revoke", async () => {
    await connect(apiUrl).request("POST /credentials/revoke", { credentials: [token] });
  });
}

const reviewer = z.union([z.object({ login: z.string() }), z.object({ slug: z.string() })]);

function reviewerNames(listed: readonly { readonly reviewer?: unknown }[] | undefined): readonly string[] {
  return (listed ?? []).map((each) => {
    const read = z.safeParse(reviewer, each.reviewer);
    if (!read.success) return "somebody whom GitHub does not name";
    return "login" in read.data ? read.data.login : `team ${read.data.slug}`;
  });
}

const runDetails = z.object({ workflow_run_id: z.int(), html_url: z.string() });

function connect(apiUrl: string, token?: string) {
  const silent = () => undefined;
  return new ThrottledOctokit({
    baseUrl: apiUrl,
    ...(token === undefined ? {} : { auth: token }),
    log: { debug: silent, info: silent, warn: silent, error: silent },
    // The page says that it waits and polls again by itself; a hidden retry would look like a hang.
    throttle: { onRateLimit: () => false, onSecondaryRateLimit: () => false },
    request: {
      // GitHub lets browsers reuse an answer for 60 s. "no-cache" makes the browser revalidate with its own ETag: a free 304 when nothing changed.
      fetch: (url: string, init: RequestInit) => fetch(url, { ...init, cache: "no-cache", signal: AbortSignal.timeout(TIMEOUT_MS) }),
    },
  });
}

function textOf(data: unknown): string {
  return data instanceof ArrayBuffer ? new TextDecoder().decode(data) : z.parse(z.string(), data);
}

async function ask<T>(endpoint: string, question: () => Promise<T>): Promise<T> {
  try {
    return await question();
  } catch (error) {
    throw failureOf(endpoint, error);
  }
}

async function orNull<T>(endpoint: string, question: () => Promise<T>): Promise<T | null> {
  try {
    return await question();
  } catch (error) {
    const failure = failureOf(endpoint, error);
    // 409 is GitHub's answer for a repository without any commit.
    if (failure.facts.status === 404 || failure.facts.status === 409) return null;
    throw failure;
  }
}

const answered = z.object({
  status: z.int(),
  message: z.string(),
  response: z.optional(z.object({ headers: z.record(z.string(), z.unknown()), data: z.optional(z.unknown()) })),
});

// A few endpoints put the one sentence that helps where others put a list, and Octokit drops it.
const sentence = z.object({ errors: z.string() });

function failureOf(endpoint: string, error: unknown): ApiFailure {
  const read = z.safeParse(answered, error);
  // Octokit gives a request that got no answer the status 500 and no response.
  if (!read.success || read.data.response === undefined) {
    return new ApiFailure(
      { status: null, endpoint, message: error instanceof Error ? error.message : String(error), retryAt: null },
      { cause: error },
    );
  }
  const { status, message, response } = read.data;
  const said = z.safeParse(sentence, response.data);
  return new ApiFailure(
    { status, endpoint, message: said.success ? said.data.errors : message, retryAt: retryAt(status, response.headers) },
    { cause: error },
  );
}

function retryAt(status: number, headers: Readonly<Record<string, unknown>>): Date | null {
  if (status !== 403 && status !== 429) return null;
  const after = Number(headers["retry-after"] ?? Number.NaN);
  if (Number.isFinite(after)) return new Date(Date.now() + after * 1000);
  const reset = Number(headers["x-ratelimit-reset"] ?? Number.NaN);
  return headers["x-ratelimit-remaining"] === "0" && Number.isFinite(reset) ? new Date(reset * 1000) : null;
}

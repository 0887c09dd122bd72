import { invalid, notFound, ok } from "./answer.ts";
import { readBody } from "./body.ts";
import { environmentSummary, reviewersJson } from "./environment-routes.ts";
import type { Environments } from "./environments.ts";
import { userJson } from "./people.ts";
import { nodeId, type View } from "./repository.ts";
import type { Decision, PendingDeployment, Reviews } from "./reviews.ts";
import { type Call, numberIn, type Route } from "./route.ts";
import { branchOf } from "./run-shapes.ts";
import { lastAttempt, type RunState, type RunStore } from "./run-store.ts";

/** Deployments that wait for a person: seeing them, deciding them, and who decided what. */

const read = { permission: "actions", level: "read" } as const;
const decide = { permission: "deployments", level: "write" } as const;

export interface ReviewRoutesDeps {
  readonly view: View;
  readonly store: RunStore;
  readonly environments: Environments;
  readonly reviews: Reviews;
}

const seconds = (at: string): string => `${at.slice(0, 19)}Z`;

function readDecision(body: unknown): Decision {
  const given = readBody(body, ["environment_ids", "state", "comment"]);
  const listed = given.list("environment_ids");
  if (listed === undefined) throw invalid('"environment_ids" wasn\'t supplied.');
  const environmentIds = listed.filter((id) => typeof id === "number");
  if (environmentIds.length !== listed.length) throw invalid("For 'properties/environment_ids', an item is not an integer.");
  const state = given.text("state");
  if (state !== "approved" && state !== "rejected") throw invalid(`${state} is not a member of ["approved", "rejected"].`);
  return { environmentIds, state, comment: given.text("comment") };
}

export function reviewRoutes({ view, store, environments, reviews }: ReviewRoutesDeps): readonly Route[] {
  const { base, people, urls } = view;
  const runOf = (call: Call): RunState => {
    const run = store.find(numberIn(call.param("run")));
    if (run === undefined) throw notFound();
    return run;
  };
  const personJson = (login: string) => {
    const person = people.find(login);
    return person === undefined ? null : userJson(person, urls);
  };

  const deploymentsOf = (run: RunState, { environment, jobs }: PendingDeployment) =>
    jobs.map((job) => ({
      url: `${base}/deployments/${job.id}`,
      id: job.id,
      node_id: nodeId("Deployment", job.id),
      sha: run.sha,
      ref: branchOf(run.ref),
      task: "deploy",
      payload: {},
      original_environment: environment.name,
      environment: environment.name,
      description: null,
      creator: personJson(lastAttempt(run).triggeringActor),
      created_at: seconds(job.createdAt),
      updated_at: seconds(lastAttempt(run).updatedAt),
      statuses_url: `${base}/deployments/${job.id}/statuses`,
      repository_url: base,
      transient_environment: false,
      production_environment: false,
    }));

  return [
    {
      method: "GET",
      path: "/repos/:owner/:repo/actions/runs/:run/pending_deployments",
      access: read,
      handle(call) {
        reviews.expire();
        const run = runOf(call);
        return ok(
          reviews.pending(run).map(({ environment }) => ({
            environment: environmentSummary(environment, view),
            wait_timer: 0,
            wait_timer_started_at: null,
            current_user_can_approve: reviews.mayDecide(run, environment, call.caller.person.login),
            reviewers: reviewersJson(environment, view),
          })),
        );
      },
    },
    {
      method: "POST",
      path: "/repos/:owner/:repo/actions/runs/:run/pending_deployments",
      access: decide,
      readersMayWrite: true,
      handle(call) {
        const run = runOf(call);
        const decision = readDecision(call.body);
        const decided = reviews.decide(run, call.caller.person.login, decision);
        return ok(decided.flatMap((one) => deploymentsOf(run, one)));
      },
    },
    {
      method: "GET",
      path: "/repos/:owner/:repo/actions/runs/:run/approvals",
      access: read,
      handle(call) {
        const { reviews: given = [] } = runOf(call);
        return ok(
          given.map(({ environmentIds, state, login, comment }) => ({
            environments: environments
              .list()
              .filter(({ id }) => environmentIds.includes(id))
              .map((environment) => ({
                ...environmentSummary(environment, view),
                created_at: environment.createdAt,
                updated_at: environment.updatedAt,
              })),
            state,
            user: personJson(login),
            comment,
          })),
        );
      },
    },
  ];
}

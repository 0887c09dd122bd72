/** The contexts that expressions see and the environment that processes get, both made from the run alone. */
import type { RunHost, RunRecord } from "../github/engine-seam.ts";
import type { Json } from "./evaluate.ts";
import { CONTEXT_PROPERTIES } from "./supported.ts";

/**
 * What a child inherits from the machine: enough to find programs, reach a package registry and write temporary files. Anything else, above all
 * credentials in the shell of whoever started the sandbox, stays outside.
 */
const INHERITED = [
  /^(PATH|HOME|USER|LANG|LC_[A-Z]+|TZ|TMPDIR|NODE_EXTRA_CA_CERTS|SSL_CERT_FILE)$/,
  /^npm_config_/i,
  /^(https?|no|all)_proxy$/i,
];

export function inheritedEnv(machine: NodeJS.ProcessEnv): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(machine)) {
    if (value !== undefined && INHERITED.some((pattern) => pattern.test(name))) env[name] = value;
  }
  return env;
}

type RunFacts = Omit<RunRecord, "title" | "workflowName">;

function refName(ref: string): string {
  return ref.replace(/^refs\/(heads|tags)\//, "");
}

/** The part of `github` that needs no repository, as far as a `run-name` can see it. */
export function runContext(run: RunFacts, workflowName: string): Record<string, Json> {
  return {
    actor: run.actor,
    base_ref: "",
    event: { inputs: textInputs(run) },
    event_name: run.event,
    head_ref: "",
    ref: run.ref,
    ref_name: refName(run.ref),
    ref_type: run.ref.startsWith("refs/tags/") ? "tag" : "branch",
    run_attempt: String(run.attempt),
    run_id: String(run.id),
    sha: run.sha,
    triggering_actor: run.triggeringActor,
    workflow: workflowName,
    workflow_sha: run.sha,
  };
}

function textInputs(run: RunFacts): Record<string, string> {
  return Object.fromEntries(Object.entries(run.inputs).map(([name, value]) => [name, String(value)]));
}

export function eventPayload(host: RunHost, run: RunFacts, crons: readonly string[]): Record<string, Json> {
  const { owner, name, id, ownerId, defaultBranch } = host.repository;
  const common = {
    repository: {
      id,
      name,
      full_name: `${owner}/${name}`,
      default_branch: defaultBranch,
      html_url: `${host.urls.server}/${owner}/${name}`,
      owner: { login: owner, id: ownerId },
    },
    organization: { login: owner, id: ownerId },
    sender: { login: run.actor },
  };
  if (run.event === "workflow_dispatch") return { ...common, inputs: textInputs(run), ref: run.ref, workflow: run.path };
  if (run.event === "schedule") return { ...common, schedule: crons.length === 1 ? (crons[0] ?? null) : null, workflow: run.path };
  return { ...common, ref: run.ref, after: run.sha };
}

export function githubContext(host: RunHost, run: RunFacts, workflowName: string, event: Record<string, Json>): Record<string, Json> {
  const { owner, name, id, ownerId } = host.repository;
  return {
    ...runContext(run, workflowName),
    api_url: host.urls.api,
    event,
    graphql_url: host.urls.graphql,
    repository: `${owner}/${name}`,
    repository_id: String(id),
    repository_owner: owner,
    repository_owner_id: String(ownerId),
    server_url: host.urls.server,
    workflow_ref: `${owner}/${name}/${run.path}@${run.ref}`,
  };
}

/** Properties of `github` that GitHub also gives to processes; `GITHUB_TOKEN` is not among them. */
const EXPORTED = CONTEXT_PROPERTIES.github.filter((name) => name !== "token");

export function githubEnv(github: Readonly<Record<string, Json>>): Record<string, string> {
  const env: Record<string, string> = { CI: "true", GITHUB_ACTIONS: "true" };
  for (const name of EXPORTED) {
    const value = github[name];
    if (typeof value === "string") env[`GITHUB_${name.toUpperCase()}`] = value;
  }
  return env;
}

const OS: Readonly<Partial<Record<NodeJS.Platform, string>>> = { linux: "Linux", darwin: "macOS", win32: "Windows" };

export function runnerContext(folders: { readonly temp: string; readonly toolCache: string }): Record<string, Json> {
  return {
    name: "holdfast-sandbox",
    os: OS[process.platform] ?? process.platform,
    arch: process.arch.toUpperCase(),
    temp: folders.temp,
    tool_cache: folders.toolCache,
    debug: "",
    environment: "self-hosted",
  };
}

export function runnerEnv(runner: Readonly<Record<string, Json>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(runner).flatMap(([name, value]) =>
      name === "debug" || typeof value !== "string" ? [] : [[`RUNNER_${name.toUpperCase()}`, value]],
    ),
  );
}

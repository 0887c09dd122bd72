/**
 * The part of GitHub Actions that the sandbox executes, as data. Whatever is not in these lists is refused by name: a workflow that only seems to run
 * here would fail for the first time on GitHub. Widening a list obliges the code that reads that key to exist.
 */

/** Which keys a part of a file may have. A leaf's value is left to GitHub's own parser, which has checked it before. */
export type Shape =
  | "leaf"
  /** A mapping with these keys only. In its place may stand a word or list of words naming keys (`on: push`), or a plain value (`environment: restore`). */
  | { readonly keys: Readonly<Record<string, Shape>>; readonly insteadOf?: "key" | "value" }
  /** A mapping with any keys. */
  | { readonly each: Shape }
  | { readonly list: Shape };

const RUN_DEFAULTS: Shape = { keys: { run: { keys: { shell: "leaf", "working-directory": "leaf" } } } };

const CONCURRENCY: Shape = { keys: { group: "leaf", queue: "leaf", "cancel-in-progress": "leaf" }, insteadOf: "value" };

const STEPS: Shape = {
  list: {
    keys: {
      id: "leaf",
      name: "leaf",
      if: "leaf",
      uses: "leaf",
      with: { each: "leaf" },
      run: "leaf",
      shell: "leaf",
      env: { each: "leaf" },
      "working-directory": "leaf",
      "continue-on-error": "leaf",
      "timeout-minutes": "leaf",
    },
  },
};

export const WORKFLOW_SHAPE: Shape = {
  keys: {
    name: "leaf",
    "run-name": "leaf",
    on: {
      keys: {
        workflow_dispatch: {
          keys: {
            inputs: { each: { keys: { description: "leaf", type: "leaf", required: "leaf", default: "leaf", options: { list: "leaf" } } } },
          },
        },
        schedule: { list: { keys: { cron: "leaf" } } },
        push: { keys: { branches: { list: "leaf" }, paths: { list: "leaf" } } },
        // Understood and never started: nothing that the sandbox starts calls a workflow.
        workflow_call: {
          keys: { inputs: { each: { keys: { description: "leaf", type: "leaf", required: "leaf", default: "leaf" } } } },
        },
        // Understood and never fired: the sandbox has no pull requests.
        pull_request: { keys: { branches: { list: "leaf" }, paths: { list: "leaf" } } },
      },
      insteadOf: "key",
    },
    permissions: { each: "leaf" },
    env: { each: "leaf" },
    defaults: RUN_DEFAULTS,
    concurrency: CONCURRENCY,
    jobs: {
      each: {
        keys: {
          name: "leaf",
          "runs-on": "leaf",
          needs: "leaf",
          if: "leaf",
          environment: { keys: { name: "leaf" }, insteadOf: "value" },
          permissions: { each: "leaf" },
          outputs: { each: "leaf" },
          env: { each: "leaf" },
          defaults: RUN_DEFAULTS,
          "timeout-minutes": "leaf",
          concurrency: CONCURRENCY,
          steps: STEPS,
        },
      },
    },
  },
};

export const ACTION_SHAPE: Shape = {
  keys: {
    name: "leaf",
    description: "leaf",
    author: "leaf",
    branding: { each: "leaf" },
    inputs: { each: { keys: { description: "leaf", required: "leaf", default: "leaf" } } },
    outputs: { each: { keys: { description: "leaf", value: "leaf" } } },
    runs: { keys: { using: "leaf", main: "leaf", steps: STEPS } },
  },
};

export const SHELLS = ["bash"] as const;

/** `using:` of local actions; both run on the Node.js that runs the sandbox, and the job's log says which one that is. */
export const ACTION_RUNTIMES = ["node24", "node20", "composite"] as const;

export const CONTEXTS = ["github", "inputs", "vars", "secrets", "env", "job", "steps", "needs", "runner"] as const;

/** Besides the functions built into GitHub's evaluator (contains, startsWith, endsWith, format, join, toJSON, fromJSON, case). */
export const STATUS_FUNCTIONS = ["success", "failure", "cancelled", "always"] as const;

/** Properties of the contexts whose content the sandbox decides; on GitHub an unknown one is silently empty. */
export const CONTEXT_PROPERTIES = {
  github: [
    "action",
    "action_path",
    "actor",
    "api_url",
    "base_ref",
    "event",
    "event_name",
    "event_path",
    "graphql_url",
    "head_ref",
    "job",
    "ref",
    "ref_name",
    "ref_type",
    "repository",
    "repository_id",
    "repository_owner",
    "repository_owner_id",
    "run_attempt",
    "run_id",
    "server_url",
    "sha",
    "token",
    "triggering_actor",
    "workflow",
    "workflow_ref",
    "workflow_sha",
    "workspace",
  ],
  runner: ["name", "os", "arch", "temp", "tool_cache", "debug", "environment"],
  job: ["status"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** The smaller part that a `run-name` may use. */
export const TITLE_PROPERTIES = {
  github: [
    "actor",
    "base_ref",
    "event",
    "event_name",
    "head_ref",
    "ref",
    "ref_name",
    "ref_type",
    "run_attempt",
    "run_id",
    "sha",
    "triggering_actor",
    "workflow",
    "workflow_sha",
  ],
  vars: [],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** What the payload of an event holds here; of `schedule` only where the workflow has a single cron. */
export const EVENT_PROPERTIES = ["inputs", "repository", "organization", "sender", "ref", "workflow", "schedule", "after"] as const;

/** Actions of others, by name, with the inputs that are honoured. They are stand-ins, so any commit is accepted but never a tag. */
export const REMOTE_ACTIONS = {
  "actions/checkout": ["ref", "fetch-depth", "persist-credentials", "path"],
  "actions/setup-node": ["node-version", "node-version-file", "cache", "package-manager-cache"],
  "actions/upload-artifact": ["name", "path", "if-no-files-found", "retention-days"],
  "aws-actions/configure-aws-credentials": [
    "role-to-assume",
    "aws-region",
    "role-session-name",
    "role-duration-seconds",
    "audience",
    "allowed-account-ids",
    "mask-aws-account-id",
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type RemoteAction = keyof typeof REMOTE_ACTIONS;

export function isRemoteAction(name: string): name is RemoteAction {
  return Object.hasOwn(REMOTE_ACTIONS, name);
}

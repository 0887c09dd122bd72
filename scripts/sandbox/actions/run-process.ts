/** Runs one program as a step does: with the step's environment, reading its commands from its output and its results from the files it was given. */
import { randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { githubEnv, inheritedEnv, runnerEnv } from "./contexts.ts";
import { parseEnvFile } from "./env-files.ts";
import type { Json } from "./evaluate.ts";
import type { Session } from "./session.ts";
import { createCommandReader } from "./workflow-commands.ts";

export interface StepProcess {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The `env` context as the step sees it. */
  readonly env: Readonly<Record<string, string>>;
  /** `INPUT_*` of an action. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly actionPath: string | null;
  readonly signal: AbortSignal;
}

export interface ProcessResult {
  readonly exit: number | NodeJS.Signals;
  readonly outputs: Readonly<Record<string, string>>;
  /** A refused command or unreadable file fails the step though the program itself did well. */
  readonly problems: readonly string[];
}

const FILES = ["output", "env", "path", "step_summary", "state"] as const;

/** GitHub's limit for one step's summary. */
const SUMMARY_LIMIT = 1024 * 1024;

function isText(value: Json | undefined): value is string {
  return typeof value === "string";
}

/** The whole environment of a child; later ones win, and a step cannot redefine what the runner itself says. */
export function processEnv(session: Session, env: Readonly<Record<string, string>>, actionPath: string | null): Record<string, string> {
  const { settings, github, token, contexts, path } = session;
  const inherited = inheritedEnv(process.env);
  const runner = contexts.runner;
  return {
    ...inherited,
    // A worker that lost its session credentials must fail, not fall back on the account of whoever runs the sandbox.
    AWS_SHARED_CREDENTIALS_FILE: join(settings.stateDir, "no-credentials"),
    AWS_CONFIG_FILE: join(settings.stateDir, "no-config"),
    AWS_EC2_METADATA_DISABLED: "true",
    ...settings.runnerEnv,
    ...env,
    ...githubEnv(actionPath === null ? github : { ...github, action_path: actionPath }),
    ...(runner !== null && typeof runner === "object" && !Array.isArray(runner)
      ? runnerEnv(Object.fromEntries(Object.entries(runner).filter(([, value]) => isText(value))))
      : {}),
    ...(token.identity === null
      ? {}
      : { ACTIONS_ID_TOKEN_REQUEST_URL: token.identity.requestUrl, ACTIONS_ID_TOKEN_REQUEST_TOKEN: token.identity.requestToken }),
    PATH: [...path, env.PATH ?? inherited.PATH ?? ""].join(delimiter),
  };
}

export async function runStepProcess(session: Session, step: StepProcess): Promise<ProcessResult> {
  const folder = join(session.temp, "_runner_file_commands", randomUUID());
  mkdirSync(folder, { recursive: true });
  const env = { ...processEnv(session, step.env, step.actionPath), ...step.inputs };
  for (const file of FILES) {
    writeFileSync(join(folder, file), "");
    env[`GITHUB_${file.toUpperCase()}`] = join(folder, file);
  }
  const problems: string[] = [];
  const read = createCommandReader();
  const exit = await session.settings.processes.run({
    command: step.command,
    args: step.args,
    cwd: step.cwd,
    env,
    owner: session.owner,
    signal: step.signal,
    grace: session.settings.grace,
    onLine: (line) => {
      const effect = read(line);
      if (effect.kind === "line") session.log(effect.text);
      if (effect.kind === "annotation") session.annotate(effect.level, effect.message);
      if (effect.kind === "mask") session.masker.add(effect.value);
      if (effect.kind === "refused") problems.push(effect.message);
    },
  });
  let outputs: Record<string, string> = {};
  try {
    outputs = Object.fromEntries(parseEnvFile(readFileSync(join(folder, "output"), "utf8")));
    for (const [name, value] of parseEnvFile(readFileSync(join(folder, "env"), "utf8"))) {
      if (name === "NODE_OPTIONS") throw new Error("Can't store NODE_OPTIONS output parameter using '$GITHUB_ENV' command.");
      session.env.set(name, value);
    }
  } catch (error) {
    problems.push(`Unable to process file command successfully. ${error instanceof Error ? error.message : String(error)}`);
  }
  session.path.unshift(...readFileSync(join(folder, "path"), "utf8").split(/\r?\n/).filter(Boolean).reverse());
  keepSummary(session, readFileSync(join(folder, "step_summary"), "utf8"));
  rmSync(folder, { recursive: true, force: true });
  return { exit, outputs, problems };
}

function keepSummary(session: Session, markdown: string): void {
  const size = Buffer.byteLength(markdown);
  if (size > SUMMARY_LIMIT) {
    session.annotate(
      "error",
      `$GITHUB_STEP_SUMMARY upload aborted, supports content up to a size of 1024k, got ${Math.ceil(size / 1024)}k.`,
    );
  } else if (markdown !== "") {
    session.summaries.push(session.masker.clean(markdown));
  }
}

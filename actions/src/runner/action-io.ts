/** The only room that imports @actions/core: inputs in, outputs, annotations and the job summary out. The same worker runs outside Actions. */
import * as core from "@actions/core";

export interface ActionIo {
  input(name: string): string;
  output(name: string, value: string): void;
  /** Never shown in a log from here on. */
  mask(secret: string): void;
  info(line: string): void;
  error(line: string): void;
  /** Markdown for the job's page; on a terminal it is printed. */
  summary(markdown: string): Promise<void>;
  /** An identity token for AWS; only inside a job with `id-token: write`. */
  identityToken(): Promise<string>;
}

export const actionIo: ActionIo = {
  input: (name) => core.getInput(name),
  // Outside Actions there is no file to put outputs into, and the command form would only be noise on a terminal.
  output: (name, value) => (process.env.GITHUB_OUTPUT ? core.setOutput(name, value) : undefined),
  mask: (secret) => (process.env.GITHUB_ACTIONS ? core.setSecret(secret) : undefined),
  info: (line) => core.info(line),
  error: (line) => core.error(line),
  async summary(markdown) {
    if (process.env.GITHUB_STEP_SUMMARY) await core.summary.addRaw(markdown, true).write();
    else process.stdout.write(`${markdown}\n`);
  },
  identityToken: () => core.getIDToken("sts.amazonaws.com"),
};

/**
 * Who besides the asking person agreed, in words. GitHub vouches for the approvals of a run; whoever asked does not count, and where approvers
 * are named only they do.
 */
import type { Config } from "../domain/index.ts";
import { Refusal } from "./outcome.ts";

export interface Asked {
  /** What is decided, as a sentence begins: "An override". */
  readonly what: string;
  readonly environment: string;
  /** Who asked. */
  readonly actor: string;
  readonly approvers: () => Promise<readonly string[]>;
}

/** Throws Refusal where fewer agreed than the configuration asks for. */
export async function agreed({ what, environment, actor, approvers }: Asked, { approvals }: Pick<Config, "approvals">): Promise<string> {
  const { required, approvers: named } = approvals;
  const all = await approvers();
  const counted = named.length === 0 ? all : all.filter((login) => named.includes(login));
  if (counted.length < required) {
    throw new Refusal(
      `${what} needs ${required} other than ${actor} to agree, and ${counted.length === 0 ? "nobody" : counted.join(", ")} did${all.length > counted.length ? " who may approve" : ""}.`,
      `Name reviewers in the environment ${environment} with self-review prevented, and ask again; or set approvals.required: 0 in holdfast.yml.`,
    );
  }
  if (counted.length > 0) return `environment ${environment}: ${counted.join(", ")}`;
  return "none: approvals.required is 0, so one person decided alone";
}

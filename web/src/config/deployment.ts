/** The facts of one installation, written beside the page when it is deployed. Nothing here is secret. */
import { parse } from "@holdfast/actions/domain";
import * as z from "zod/mini";

const deploymentSchema = z.strictObject({
  owner: z.string().check(z.minLength(1, "a GitHub login")),
  repository: z.string().check(z.minLength(1, "a repository's name")),
  apiUrl: z.url("the API's URL, for example https://api.github.com"),
  branch: z.string().check(z.minLength(1, "the branch that is promoted to, for example production")),
});

export type Deployment = z.output<typeof deploymentSchema>;

/** Throws with what is wrong and what to do: without this file the page does not know whose repository it shows. */
export async function readDeployment(): Promise<Deployment> {
  const answer = await fetch("./config.json", { cache: "no-cache" });
  if (!answer.ok) {
    throw new Error(`config.json beside this page answered ${answer.status}. Deploy the page with web/deploy.js, which writes it.`);
  }
  const document: unknown = await answer.json().catch(() => null);
  return parse(deploymentSchema, document, "config.json");
}

/** Where this installation's memory lives in the browser: two installations may share one origin. */
export function storageKey(deployment: Deployment, name: string): string {
  return `holdfast:${deployment.apiUrl}/${deployment.owner}/${deployment.repository}:${name}`;
}

import * as z from "zod";
import type { Seen } from "../../scripts/sandbox/github/serve.ts";

const commit = z.object({
  variables: z.object({ input: z.object({ fileChanges: z.object({ additions: z.array(z.object({ contents: z.string() })) }) }) }),
});
const tree = z.object({ tree: z.array(z.object({ path: z.string(), content: z.optional(z.string()) })) });
const entry = z.object({ id: z.string() });

/** The ids of the ledger entries that a request to GitHub would write: into the branch that is there, or as the first of a new one. */
export function entryIdsIn({ path, body }: Seen): readonly string[] {
  return segmentsIn(path, body).flatMap((text) =>
    text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => entry.parse(JSON.parse(line)).id),
  );
}

function segmentsIn(path: string, body: unknown): readonly string[] {
  if (path === "/graphql") {
    const read = commit.safeParse(body);
    return read.success
      ? read.data.variables.input.fileChanges.additions.map((each) => Buffer.from(each.contents, "base64").toString("utf8"))
      : [];
  }
  if (!path.endsWith("/git/trees")) return [];
  const read = tree.safeParse(body);
  // Roll-ups on branch `status` hold entries too; only a segment's path begins with a year.
  return read.success ? read.data.tree.flatMap((each) => (/^\d{4}\//.test(each.path) && each.content ? [each.content] : [])) : [];
}

import { connectAurora } from "../aurora/aurora.ts";
import { roleCredentials } from "../aurora/credentials.ts";
import { connectRemover } from "../aurora/remover.ts";
import { parseRetentionRequest, RETENTION_INPUTS, type RetentionInputs } from "../domain/index.ts";
import { actionIo as io } from "../runner/action-io.ts";
import { conduct, exitWith, NOTHING } from "./conduct.ts";
import type { Fact } from "./outcome.ts";
import { type Pruned, pruneSnapshots } from "./prune-snapshots.ts";
import { sleep } from "./wait-until.ts";

const credentials = roleCredentials({
  roleArn: process.env.AWS_ROLE_ARN,
  identityToken: io.identityToken,
  sessionName: "holdfast-retention",
});

await exitWith(io, () =>
  conduct<RetentionInputs, ReturnType<typeof parseRetentionRequest>>(io, {
    work: "retention",
    inputNames: RETENTION_INPUTS,
    parse: parseRetentionRequest,
    connect: (cluster) => connectAurora(cluster.region, credentials),
    async perform(request, cluster, aurora, journal, { config }) {
      const remover = connectRemover(cluster.region, credentials);
      const policy = config.retention;
      const pruned = await pruneSnapshots(request, { aurora, remover, journal, policy, now: () => new Date(), wait: sleep });
      io.output("deleted", String(pruned.deleted.length));
      return {
        result: "completed",
        title: titleOf(pruned, request.mode === "dry-run"),
        facts: factsOf(pruned),
        next: "Nothing. Hold a snapshot on the page, or with hold.yml, to keep it whatever the rules say.",
      };
    },
    remains: async () => NOTHING,
  }),
);

function titleOf({ deleted, plan, stopped }: Pruned, dry: boolean): string {
  const due = plan.deletions.filter(({ waits }) => waits === null).length;
  if (stopped !== null) return `Nothing ${dry ? "would be" : "more is"} deleted: ${stopped}`;
  return dry ? `${due} snapshots would be deleted now` : `${deleted.length} snapshots deleted, ${plan.deletions.length} to go later`;
}

function factsOf({ deleted, plan }: Pruned): readonly Fact[] {
  return [
    ...deleted.map((id) => ({ name: id, value: "deleted" })),
    ...plan.deletions.map(({ id, takenAt, why, waits }) => ({
      name: id,
      value: `of ${takenAt.toISOString()}: ${why}; ${waits ?? "due"}`,
    })),
    ...plan.verdicts.flatMap(({ id, keep, reasons }) => (keep ? [{ name: id, value: `stays: ${reasons.join("; ")}` }] : [])),
  ];
}

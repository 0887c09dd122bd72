import { connectAurora } from "../aurora/aurora.ts";
import { roleCredentials } from "../aurora/credentials.ts";
import { connectRemover } from "../aurora/remover.ts";
import { takeHoldings } from "../aurora/take-inventory.ts";
import { CLEANUP_INPUTS, type CleanupInputs, formatDuration, parseCleanupRequest } from "../domain/index.ts";
import { actionIo as io } from "../runner/action-io.ts";
import { conduct, exitWith } from "./conduct.ts";
import { removeOrphan } from "./remove-orphan.ts";
import { sleep } from "./wait-until.ts";

const credentials = roleCredentials({
  roleArn: process.env.AWS_ROLE_ARN,
  identityToken: io.identityToken,
  sessionName: "holdfast-cleanup",
});

await exitWith(io, () =>
  conduct<CleanupInputs, ReturnType<typeof parseCleanupRequest>>(io, {
    work: "cleanup",
    inputNames: CLEANUP_INPUTS,
    parse: parseCleanupRequest,
    connect: (cluster) => connectAurora(cluster.region, credentials),
    async perform(request, cluster, aurora, journal, { config, findOrphans }) {
      const { resource, name } = request;
      const removed = await removeOrphan(request, {
        aurora,
        remover: connectRemover(cluster.region, credentials),
        journal,
        protectedClusters: config.clusters.map((each) => each.id),
        holdings: () => takeHoldings(aurora, config),
        findOrphans,
        now: () => new Date(),
        wait: sleep,
      });
      io.output("removed", name);
      io.output("final_snapshot", removed.finalSnapshot ?? "");
      return {
        result: "completed",
        title: `The ${resource} ${name} is removed`,
        facts: [
          { name: "Removed", value: `${resource} ${name}` },
          { name: "Last snapshot of it", value: removed.finalSnapshot ?? "none: nobody could have written to it" },
          { name: "Took", value: formatDuration(removed.durationSeconds * 1000) },
          { name: "Reason", value: request.reason },
        ],
        next:
          removed.finalSnapshot === null
            ? "Nothing."
            : `Delete the last snapshot ${removed.finalSnapshot} by hand once nobody can need what was written to ${name}.`,
      };
    },
    async remains({ resource, name }, _cluster, aurora) {
      const found = resource === "cluster" ? await aurora.cluster(name) : await aurora.snapshot(name);
      return { exists: found === null ? [] : [`The ${resource} ${name}, ${found.status}.`], letGo: [] };
    },
  }),
);

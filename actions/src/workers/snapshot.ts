import { connectAurora } from "../aurora/aurora.ts";
import { roleCredentials } from "../aurora/credentials.ts";
import { formatDuration, parseSnapshotRequest, SNAPSHOT_INPUTS, type SnapshotInputs } from "../domain/index.ts";
import { snapshotName } from "../recovery/names.ts";
import { actionIo as io } from "../runner/action-io.ts";
import { conduct, exitWith } from "./conduct.ts";
import { takeSnapshot } from "./take-snapshot.ts";
import { sleep } from "./wait-until.ts";

await exitWith(io, () =>
  conduct<SnapshotInputs, ReturnType<typeof parseSnapshotRequest>>(io, {
    work: "snapshot",
    inputNames: SNAPSHOT_INPUTS,
    parse: parseSnapshotRequest,
    connect: (cluster) =>
      connectAurora(
        cluster.region,
        roleCredentials({ roleArn: process.env.AWS_ROLE_ARN, identityToken: io.identityToken, sessionName: "holdfast-snapshot" }),
      ),
    async perform(request, cluster, aurora, journal) {
      const taken = await takeSnapshot(request, cluster, { aurora, journal, now: () => new Date(), wait: sleep });
      io.output("snapshot", taken.snapshot);
      io.output("taken_at", taken.takenAt);
      return {
        result: "completed",
        title: `Snapshot of ${request.cluster} is available`,
        facts: [
          { name: "Snapshot", value: taken.snapshot },
          { name: "Taken at", value: taken.takenAt },
          { name: "Trigger", value: request.trigger },
          { name: "App version", value: request.appVersion },
          { name: "Took", value: formatDuration(taken.durationSeconds * 1000) },
          { name: "Reason", value: request.reason },
        ],
        next: "Nothing. It can be restored from the page or by the restore workflow.",
      };
    },
    async remains(request, { region }, aurora) {
      const snapshot = await aurora.snapshot(snapshotName(request));
      if (snapshot === null) return { exists: [], letGo: [] };
      return {
        exists: [`The snapshot ${snapshot.id}, ${snapshot.status}.`],
        letGo: [`aws rds delete-db-cluster-snapshot --region ${region} --db-cluster-snapshot-identifier ${snapshot.id}`],
      };
    },
  }),
);

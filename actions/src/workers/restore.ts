import { connectAurora } from "../aurora/aurora.ts";
import { roleCredentials } from "../aurora/credentials.ts";
import { formatDuration, parseRestoreRequest, RESTORE_INPUTS, RESTORE_STEPS, type RestoreInputs } from "../domain/index.ts";
import { actionIo as io } from "../runner/action-io.ts";
import { acceptImage } from "./accept-image.ts";
import { clusterRemains } from "./cluster-remains.ts";
import { conduct, exitWith } from "./conduct.ts";
import { databaseDoor } from "./database-door.ts";
import { restoreCluster } from "./restore-cluster.ts";
import { sleep } from "./wait-until.ts";

await exitWith(io, () =>
  conduct<RestoreInputs, ReturnType<typeof parseRestoreRequest>>(io, {
    work: "restore",
    inputNames: RESTORE_INPUTS,
    parse: parseRestoreRequest,
    connect: (cluster) =>
      connectAurora(
        cluster.region,
        roleCredentials({ roleArn: process.env.AWS_ROLE_ARN, identityToken: io.identityToken, sessionName: "holdfast-restore" }),
      ),
    async perform(request, cluster, aurora, journal) {
      const restored = await restoreCluster(request, cluster, {
        aurora,
        journal,
        steps: RESTORE_STEPS,
        connect: await databaseDoor(io, cluster, "restore"),
        prove: (session) => acceptImage(request, session, { aurora, entries: journal.view().entries, now: () => new Date() }),
        now: () => new Date(),
        wait: sleep,
      });
      io.output("target", request.target);
      io.output("endpoint", restored.endpoint);
      io.output("duration_seconds", String(restored.durationSeconds));
      return {
        result: "completed",
        title: `${request.cluster} is restored to the new cluster ${request.target}`,
        facts: [
          { name: "New cluster", value: request.target },
          { name: "Endpoint", value: restored.endpoint },
          { name: "Recovery point", value: request.point.kind === "time" ? request.point.time.toISOString() : request.point.snapshot },
          {
            name: "Checks passed",
            value: restored.checks.map((check) => check.name).join(", ") || "none configured; only the connection was proven",
          },
          ...(request.sample === undefined ? [] : [{ name: "Sampled victims", value: "undamaged" }]),
          { name: "Took", value: formatDuration(restored.durationSeconds * 1000) },
          { name: "Reason", value: request.reason },
        ],
        next: `Look at the data in ${request.target}. The live cluster ${request.cluster} was not touched. Point the application at the new endpoint only after a person decided so; delete ${request.target} when nobody needs it.`,
      };
    },
    remains: (request, { region }, aurora) => clusterRemains(request, region, aurora),
  }),
);

import { connectAurora } from "../aurora/aurora.ts";
import { roleCredentials } from "../aurora/credentials.ts";
import { openSession, readTls } from "../database/check-integrity.ts";
import { type Cluster, formatDuration, parseRestoreRequest, RESTORE_INPUTS, type RestoreInputs } from "../domain/index.ts";
import { instanceName } from "../recovery/names.ts";
import { actionIo as io } from "../runner/action-io.ts";
import { conduct, exitWith } from "./conduct.ts";
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
        connect: await databaseDoor(cluster),
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
          { name: "Took", value: formatDuration(restored.durationSeconds * 1000) },
          { name: "Reason", value: request.reason },
        ],
        next: `Look at the data in ${request.target}. The live cluster ${request.cluster} was not touched. Point the application at the new endpoint only after a person decided so; delete ${request.target} when nobody needs it.`,
      };
    },
    async remains(request, { region }, aurora) {
      const cluster = await aurora.cluster(request.target);
      const instance = await aurora.instance(instanceName(request.target));
      const found = [
        ...(instance === null
          ? []
          : [
              {
                what: `The instance ${instance.id}, ${instance.status}.`,
                letGo: `aws rds delete-db-instance --region ${region} --db-instance-identifier ${instance.id}`,
              },
            ]),
        ...(cluster === null
          ? []
          : [
              {
                what: `The cluster ${cluster.id}, ${cluster.status}; it costs money until somebody deletes it.`,
                letGo: `aws rds delete-db-cluster --region ${region} --db-cluster-identifier ${cluster.id} --skip-final-snapshot`,
              },
            ]),
      ];
      return {
        exists: [...found.map((each) => each.what), `The live cluster ${request.cluster}, untouched.`],
        letGo: found.map((each) => each.letGo),
      };
    },
  }),
);

/** Reads the way into the database before anything is made, so that missing credentials leave nothing behind. */
async function databaseDoor(cluster: Cluster) {
  const { DATABASE_USER: user, DATABASE_PASSWORD: password } = process.env;
  if (!user || !password) throw new RangeError("DATABASE_USER and DATABASE_PASSWORD are not set; the environment `restore` holds them");
  io.mask(password);
  const tls = await readTls(process.env.PGSSLMODE, process.env.PGSSLROOTCERT);
  return (endpoint: { readonly host: string; readonly port: number }) =>
    openSession({ ...endpoint, database: cluster.database, user, password, tls });
}

import { connectAurora } from "../aurora/aurora.ts";
import { roleCredentials } from "../aurora/credentials.ts";
import { DRILL_INPUTS, type DrillInputs, type DrillRequest, formatDuration, nameRequest, parseDrillRequest } from "../domain/index.ts";
import { openChannels } from "../notify/open-channels.ts";
import { wordingOf } from "../notify/wording-of.ts";
import { scratchName } from "../recovery/names.ts";
import { actionIo as io } from "../runner/action-io.ts";
import { clusterRemains } from "./cluster-remains.ts";
import { conduct, exitWith, sentence } from "./conduct.ts";
import { databaseDoor } from "./database-door.ts";
import { type Drilled, drillCluster } from "./drill-cluster.ts";
import { type Fact, Refusal } from "./outcome.ts";
import { privacyOf } from "./privacy.ts";
import { drillFailed, drillPassed } from "./tell-of-drill.ts";
import { sleep } from "./wait-until.ts";

await exitWith(io, () =>
  conduct<DrillInputs, DrillRequest>(io, {
    work: "drill",
    inputNames: DRILL_INPUTS,
    parse: parseDrillRequest,
    connect: (cluster) =>
      connectAurora(
        cluster.region,
        roleCredentials({ roleArn: process.env.AWS_ROLE_ARN, identityToken: io.identityToken, sessionName: "holdfast-drill" }),
      ),
    async perform(request, cluster, aurora, journal, { config, origin }) {
      // The job that removes the scratch cluster asks under these.
      io.output("target", scratchName(request));
      io.output("cleanup_request", nameRequest(`cleanup ${request.requestId}`));
      const over = journal.recorded("completed");
      // Its scratch cluster is gone by now or about to go; making it again would prove nothing new.
      if (over !== undefined) {
        const facts = [{ name: "Proven", value: `at ${over.at}, ledger entry ${over.seq}` }];
        return { result: "completed", title: "This drill was already over", facts, next: "Ask with a new request id for another one." };
      }
      const clock = { now: () => new Date(), wait: sleep };
      const { GITHUB_SERVER_URL: server = "https://github.com", GITHUB_REPOSITORY: repository, PAGE_URL: page } = process.env;
      const files = repository === undefined ? null : `${server}/${repository}/blob/production`;
      const channels = openChannels(secretNamed, wordingOf(config, { page: page || null, files }));
      const telling = { ...clock, config, journal, origin, channels, privacy: privacyOf(io, config) };
      const connect = await databaseDoor(io, cluster, "drill");
      const drilled = await drillCluster(request, cluster, { ...clock, aurora, journal, connect }).catch(async (error: unknown) => {
        // Nothing to prove is no failure, and the state says that there is no point.
        if (!(error instanceof Refusal)) await tell(() => drillFailed(request, sentence(error), telling));
        throw error;
      });
      await tell(() => drillPassed(request, telling));
      return {
        result: "completed",
        title: `The newest ${request.tier} recovery point of ${request.cluster} can be restored`,
        facts: factsOf(drilled),
        next: `Nothing: the scratch cluster ${drilled.target} is removed by the next job.`,
      };
    },
    remains: (request, { region }, aurora) => clusterRemains({ cluster: request.cluster, target: scratchName(request) }, region, aurora),
  }),
);

/** What a drill found is in its own entries; people who cannot be told of it are no reason to call it something else. */
async function tell(say: () => Promise<void>): Promise<void> {
  try {
    await say();
  } catch (error) {
    io.error(`The alert about this drill was not recorded or told: ${sentence(error)}.`);
  }
}

function secretNamed(name: string): string | undefined {
  const secret = process.env[name];
  if (secret) io.mask(secret);
  return secret || undefined;
}

function factsOf({ point, checks, rows, indexes, schema, durationSeconds }: Drilled): readonly Fact[] {
  const differs = schema.missing.length + schema.extra.length;
  return [
    { name: "Recovery point", value: point.kind === "time" ? point.time.toISOString() : point.snapshot },
    { name: "Took", value: formatDuration(durationSeconds * 1000) },
    { name: "Checks passed", value: checks.map((check) => check.name).join(", ") || "none configured" },
    ...Object.entries(rows).map(([table, count]) => ({ name: `Rows of ${table}`, value: String(count) })),
    { name: "Indexes", value: indexes === null ? "not checked: the database has no amcheck" : `${indexes.checked} checked, none broken` },
    {
      name: "Schema beside the live one",
      value:
        differs === 0
          ? "the same"
          : [...schema.missing.map((line) => `lacks ${line}`), ...schema.extra.map((line) => `has ${line}`)].join("; "),
    },
  ];
}

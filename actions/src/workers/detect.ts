import { mkdir, writeFile } from "node:fs/promises";
import { connectAurora } from "../aurora/aurora.ts";
import { roleCredentials } from "../aurora/credentials.ts";
import { connectDatabaseLogs } from "../aurora/database-logs.ts";
import { type Alert, DETECT_INPUTS, type DetectInputs, type DetectRequest, findCluster, parseDetectRequest } from "../domain/index.ts";
import { openChannels } from "../notify/open-channels.ts";
import { wordingOf } from "../notify/wording-of.ts";
import { actionIo as io } from "../runner/action-io.ts";
import { exitWith } from "./conduct.ts";
import { detectInLogs } from "./detect-in-logs.ts";
import { runErrand } from "./errand.ts";
import { openPassMemory } from "./pass-memory.ts";
import { privacyOf } from "./privacy.ts";
import { sleep } from "./wait-until.ts";

const FOLDER = "holdfast-alerts";

await exitWith(io, () =>
  runErrand<DetectInputs, DetectRequest>(io, {
    work: "detect",
    inputNames: DETECT_INPUTS,
    parse(inputs: DetectInputs, config) {
      const request = parseDetectRequest(inputs);
      findCluster(config, request.cluster);
      return request;
    },
    async perform(request, { config, installation, journal }) {
      const cluster = findCluster(config, request.cluster);
      const privacy = privacyOf(io, config);
      const credentials = roleCredentials({
        roleArn: process.env.AWS_ROLE_ARN,
        identityToken: io.identityToken,
        sessionName: "holdfast-detect",
      });
      const { owner, repo } = installation.github.repository;
      const files = `${process.env.GITHUB_SERVER_URL ?? "https://github.com"}/${owner}/${repo}/blob/production`;
      return detectInLogs({
        config,
        cluster,
        journal,
        privacy,
        origin: installation.origin,
        aurora: connectAurora(cluster.region, credentials),
        logs: connectDatabaseLogs(cluster.region, credentials),
        memory: openPassMemory(installation.status, cluster.id, privacy),
        channels: openChannels(secretNamed, wordingOf(config, { page: process.env.PAGE_URL || null, files })),
        handOn,
        now: () => new Date(),
        wait: sleep,
      });
    },
  }),
);

function secretNamed(name: string): string | undefined {
  const secret = process.env[name];
  if (secret) io.mask(secret);
  return secret || undefined;
}

/** The workflow uploads the folder where there is one. */
async function handOn(alerts: readonly Alert[]): Promise<void> {
  io.output("alerts", String(alerts.length));
  if (alerts.length === 0) return;
  await mkdir(FOLDER, { recursive: true });
  await writeFile(`${FOLDER}/alerts.jsonl`, alerts.map((alert) => `${JSON.stringify(alert)}\n`).join(""));
}

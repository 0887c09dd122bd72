import { connectAurora } from "../aurora/aurora.ts";
import { roleCredentials } from "../aurora/credentials.ts";
import { openMigrator } from "../database/migrations/migrator.ts";
import { openPlanner } from "../database/migrations/planner.ts";
import {
  type Cluster,
  durationMs,
  findCluster,
  formatDuration,
  InvalidInput,
  MIGRATE_INPUTS,
  MIGRATE_STAGES,
  type MigrateInputs,
  type MigrateRequest,
  nameRequest,
  parseMigrateRequest,
  rehearsalIn,
  rehearsalOf,
  showValue,
  snapshotBefore,
  TAGS,
} from "../domain/index.ts";
import { authorsOf } from "../github/authors.ts";
import { rehearsalName } from "../recovery/names.ts";
import { actionIo as io } from "../runner/action-io.ts";
import { applyMigration } from "./apply-migration.ts";
import { clusterRemains } from "./cluster-remains.ts";
import { type Completed, conduct, exitWith, NOTHING } from "./conduct.ts";
import { databaseAccess, databaseDoor } from "./database-door.ts";
import { settingsOf } from "./migration-plan.ts";
import { Refusal } from "./outcome.ts";
import { planMigration } from "./plan-migration.ts";
import { readConfig } from "./read-config.ts";
import { APPROVAL_ENVIRONMENT, readGate } from "./read-gate.ts";
import { type RehearsalRequest, rehearseMigration } from "./rehearse-migration.ts";
import { renderMigrations } from "./render-migrations.ts";
import { packRendered } from "./rendered.ts";
import { appliedFacts, planFacts, rehearsalFacts } from "./show-migration.ts";
import { takeSnapshot } from "./take-snapshot.ts";
import { sleep } from "./wait-until.ts";

const STAGES = { render, plan, rehearse, apply };

await exitWith(io, async () => {
  const given = io.input("stage");
  const stage = MIGRATE_STAGES.find((each) => each === given);
  if (stage !== undefined) return STAGES[stage]();
  throw new InvalidInput("The migration", [{ path: "stage", found: showValue(given), allowed: MIGRATE_STAGES.join(", ") }]);
});

function connect(cluster: Cluster) {
  const credentials = { roleArn: process.env.AWS_ROLE_ARN, identityToken: io.identityToken, sessionName: "holdfast-migrate" };
  return connectAurora(cluster.region, roleCredentials(credentials));
}

/** Without a request in the ledger and without its rights: the stage that plans records what came of it. */
async function render(): Promise<number> {
  // What is wrong with configuration or request is found by the next stage too, which may write down that it refuses.
  const cluster = await readConfig()
    .then((config) => findCluster(config, io.input("cluster")))
    .catch(() => null);
  const done = cluster?.migrations === undefined ? null : await renderMigrations(cluster.migrations);
  if (done === null) io.info("The files are SQL already: no tool is called.");
  else {
    io.output("rendered", packRendered(done.rendered));
    if ("problem" in done.rendered) io.error(done.rendered.problem);
    else io.info(`${done.rendered.version} wrote ${done.rendered.sql.length} characters of SQL, ${networkOf(done.isolated)}.`);
  }
  return 0;
}

function networkOf(isolated: boolean): string {
  return isolated ? "without a network" : "and had the network: nothing here may take it away";
}

function plan(): Promise<number> {
  return conduct<MigrateInputs, MigrateRequest>(io, {
    work: "plan",
    inputNames: MIGRATE_INPUTS,
    parse: parseMigrateRequest,
    connect,
    async perform(request, cluster, aurora, journal, { installation }) {
      const commit = process.env.GITHUB_SHA;
      if (!commit) throw new Refusal("A migration is planned by a workflow run only: GITHUB_SHA names no commit.", "Dispatch migrate.yml.");
      const access = await databaseAccess(io, cluster, "migration-plan");
      const planned = await planMigration(request, cluster, {
        aurora,
        journal,
        commit,
        rendered: io.input("rendered"),
        connect: (endpoint) => openPlanner(access(endpoint)),
        authorsOf: (files) => authorsOf(installation.github, commit, files),
      });
      io.output("digest", planned.digest);
      io.output("pending", String(planned.migrations.length));
      const count = planned.migrations.length;
      const what = request.undo === undefined ? "pending on" : "to be taken back from";
      return {
        result: "completed",
        title: count === 0 ? `Nothing is pending on ${request.cluster}` : `${count} ${what} ${request.cluster}: ${planned.verdict}`,
        facts: planFacts(planned),
        next: count === 0 ? "Nothing." : "Nothing: the next job rehearses it on a scratch restore; then people are asked.",
      };
    },
    remains: async () => NOTHING,
  });
}

function rehearse(): Promise<number> {
  return conduct<MigrateInputs, RehearsalRequest>(io, {
    work: "rehearsal",
    inputNames: MIGRATE_INPUTS,
    parse(inputs: MigrateInputs) {
      const request = parseMigrateRequest(inputs);
      return { ...rehearsalOf(request), migration: request.requestId };
    },
    connect,
    async perform(request, cluster, aurora, journal): Promise<Completed> {
      // The job that removes the scratch cluster asks under these.
      io.output("target", rehearsalName(request));
      io.output("cleanup_request", nameRequest(`cleanup ${request.requestId}`));
      const over = journal.recorded("completed");
      const standing = rehearsalIn(journal.view().entries, request.migration);
      if (over !== undefined && standing !== null) {
        io.output("digest", standing.digest);
        const facts = [{ name: "Rehearsed", value: `at ${over.at}, ledger entry ${over.seq}` }];
        return {
          result: "completed",
          title: "This migration was rehearsed already",
          facts,
          next: "Ask with a new request id for another rehearsal.",
        };
      }
      const access = await databaseAccess(io, cluster, "rehearsal");
      const rehearsed = await rehearseMigration(request, cluster, {
        aurora,
        journal,
        digest: io.input("digest"),
        rendered: io.input("rendered"),
        connect: await databaseDoor(io, cluster, "rehearsal"),
        open: (endpoint) => openMigrator(access(endpoint), migratorSettings(cluster)),
        now: () => new Date(),
        wait: sleep,
      });
      io.output("digest", rehearsed.digest);
      return {
        result: "completed",
        title: `${request.undo === undefined ? "The migration" : "Taking back"} of ${request.cluster} was rehearsed on its live data`,
        facts: rehearsalFacts(rehearsed),
        next: `Approve or reject the job that waits in the environment ${APPROVAL_ENVIRONMENT}; the scratch cluster is removed by a job of its own.`,
      };
    },
    remains: (request, { region }, aurora) => clusterRemains({ cluster: request.cluster, target: rehearsalName(request) }, region, aurora),
  });
}

function apply(): Promise<number> {
  return conduct<MigrateInputs, MigrateRequest>(io, {
    work: "migration",
    inputNames: MIGRATE_INPUTS,
    parse: parseMigrateRequest,
    connect,
    async perform(request, cluster, aurora, journal, around): Promise<Completed> {
      const over = journal.recorded("completed");
      if (over !== undefined) {
        const facts = [{ name: "Applied", value: `at ${over.at}, ledger entry ${over.seq}` }];
        return {
          result: "completed",
          title: request.undo === undefined ? "This migration is applied already" : "This is taken back already",
          facts,
          next: "Ask with a new request id for what is pending now.",
        };
      }
      const live = await aurora.cluster(request.cluster);
      if (!live?.endpoint) throw new Refusal(`AWS knows no endpoint of ${request.cluster}.`, "Check its id and region in holdfast.yml.");
      const access = await databaseAccess(io, cluster, APPROVAL_ENVIRONMENT);
      const applied = await applyMigration(request, cluster, {
        journal,
        migrator: openMigrator(access(live.endpoint), migratorSettings(cluster)),
        digest: io.input("digest"),
        rendered: io.input("rendered"),
        judge: (planned, files) => readGate(request, cluster, planned, files, aurora, journal, io.input("digest"), around),
        async snapshot() {
          const asked = snapshotBefore(request);
          const own = await around.journalOf(asked);
          const snapshot = { ...asked, trigger: "pre-migration", appVersion: process.env.GITHUB_SHA ?? "unknown" } as const;
          return takeSnapshot(snapshot, cluster, { aurora, journal: own, now: () => new Date(), wait: sleep });
        },
      });
      const kept = formatDuration(durationMs(around.config.retention.preMigration));
      return request.undo === undefined
        ? {
            result: "completed",
            title: `${request.cluster} is migrated`,
            facts: appliedFacts(applied),
            next: `Nothing. It can be taken back from its page; the snapshot before it is kept for ${kept}.`,
          }
        : {
            result: "completed",
            title: `${applied.ran.length} taken back from ${request.cluster}`,
            facts: appliedFacts(applied),
            next: "Correct or remove what was taken back before you ask for what is pending: it is pending again.",
          };
    },
    async remains(request, _cluster, aurora) {
      const snapshot = (await aurora.snapshots(request.cluster)).find(
        ({ tags }) => tags[TAGS.requestId] === snapshotBefore(request).requestId,
      );
      return { exists: snapshot === undefined ? [] : [`The snapshot ${snapshot.id}, taken before it began.`], letGo: [] };
    },
  });
}

function migratorSettings(cluster: Cluster) {
  const { locks, statements } = settingsOf(cluster);
  const { protect, checks } = cluster;
  return { locksMs: durationMs(locks), statementsMs: durationMs(statements), invariants: { protect, checks }, wait: sleep };
}

/** A named fault met by a worker: survived, or ended with what exists now and how to let go of it, on paper and in the ledger. */
import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openFaults } from "../../scripts/sandbox/faults/arm-faults.ts";
import { type FaultName, NAMED_FAULTS, type NamedFault } from "../../scripts/sandbox/faults/named-faults.ts";
import { RESTORE_STEPS, SNAPSHOT_STEPS, TAGS } from "../src/domain/index.ts";
import { type Identity, openIdentity } from "./identity.ts";
import { type MakingWorker, openWorkerWorld, type WorkerRun, type WorkerWorld } from "./worker-world.ts";

export interface Expected {
  readonly fault: FaultName;
  readonly worker: MakingWorker;
  /** `survived` ends well at once; `mended` ends badly, and well once the fault is gone; `dead-end` and `refused` stay so. */
  readonly outcome: "survived" | "mended" | "dead-end" | "refused";
  /** What people read when it did not end well. */
  readonly said?: RegExp;
  /** Without GitHub there is no entry of the ending; then the summary alone tells it. */
  readonly unledgered?: true;
}

const USUAL = "limits: {}";
// Long enough for everything else, short enough to sit through when an end never comes.
const IMPATIENT = "limits: {snapshot: 5s, restore: 12s}";
const NEVER_ENDS = /-never-ends$/;

function configOf(limits: string): string {
  return `clusters:
  - id: app-prod
    region: eu-west-1
    database: app
    ${limits}
    checks:
      - {name: users not empty, sql: select count(*) > 0 from users}
`;
}

function readable({ printed }: WorkerRun): string {
  return printed.replaceAll(/&#(\d+);/g, (_, char) => String.fromCharCode(Number(char)));
}

/** One test a row, in a world of their own. */
export function meetFaults(rows: readonly Expected[]): void {
  const faults = openFaults();
  const now = () => new Date(Date.now() + faults.skewMs());
  let identity: Identity;
  let world: WorkerWorld;
  let snapshot: string;

  beforeAll(async () => {
    identity = await openIdentity(now);
    world = await openWorkerWorld({
      ...identity.options,
      now,
      credentialSeconds: () => faults.credentialSeconds(),
      config: configOf(USUAL),
      aws: faults.aws,
      github: faults.github,
      interceptWork: faults.work,
    });
    const taken = await run("snapshot", randomUUID());
    if (taken.code !== 0) throw new Error(taken.printed);
    snapshot = (await world.snapshotIds())[0] ?? "";
  }, 120_000);
  afterAll(async () => {
    await world.close();
    await identity.close();
  });

  const targetOf = (requestId: string) => `restored-${requestId.slice(0, 8)}`;
  const run = (worker: MakingWorker, requestId: string) => {
    const common = { cluster: "app-prod", reason: "To meet a fault on its way", request_id: requestId };
    const rest = worker === "snapshot" ? { trigger: "manual", app_version: "1" } : { target: targetOf(requestId), snapshot, time: "" };
    return world.run(worker, { ...common, ...rest }, identity.env(worker, world.aws));
  };
  const entriesOf = async (requestId: string) => (await world.entries()).filter((entry) => entry.data.requestId === requestId);
  const madeFor = async (worker: MakingWorker, requestId: string) => {
    const found = worker === "snapshot" ? await world.snapshots() : await world.clusters();
    return found.filter((each) => each.TagList?.some((tag) => tag.Key === TAGS.requestId && tag.Value === requestId));
  };

  test.each(rows)("$fault is $outcome by a $worker", async ({ fault, worker, outcome, said, unledgered }) => {
    const requestId = randomUUID();
    const steps: readonly string[] = (worker === "snapshot" ? SNAPSHOT_STEPS : RESTORE_STEPS).map((step) => step.kind);
    writeFileSync(join(world.checkout, "holdfast.yml"), configOf(NEVER_ENDS.test(fault) ? IMPATIENT : USUAL));
    const named: NamedFault = NAMED_FAULTS[fault];
    const issuedBefore = identity.issued();
    faults.arm(named);
    const met = await run(worker, requestId).finally(() => faults.disarm());
    if (named.strikes.length > 0) expect(faults.struck()).toBeGreaterThan(0);
    // Each of many requests within the wait needed credentials of its own.
    if (named.credentialSeconds !== undefined) expect(identity.issued() - issuedBefore).toBeGreaterThan(2);

    const kinds = (await entriesOf(requestId)).map((entry) => entry.kind);
    if (outcome === "survived") {
      expect(met.code, met.printed).toBe(0);
      expect(kinds).toEqual(steps);
    } else {
      expect(met.code, met.printed).toBe(outcome === "refused" ? 3 : 1);
      expect(readable(met)).toMatch(said ?? /./);
      expect(readable(met)).toContain("What exists now");
      const last = (await entriesOf(requestId)).at(-1);
      if (unledgered) {
        expect(readable(met)).toContain("The ledger holds no entry of this ending");
        expect(steps.slice(0, kinds.length)).toEqual(kinds);
      } else {
        expect(last?.kind).toBe(`${worker}.${outcome === "refused" ? "refused" : "failed"}`);
      }
      const [made] = await madeFor(worker, requestId);
      if (made !== undefined) {
        const id = "DBClusterSnapshotIdentifier" in made ? made.DBClusterSnapshotIdentifier : targetOf(requestId);
        expect(readable(met)).toMatch(new RegExp(`The (snapshot|cluster) ${id}, `));
        expect(readable(met)).toMatch(new RegExp(`aws rds delete-db-cluster.* ${id}`));
        if (!unledgered) expect(last?.data).toMatchObject({ next: expect.stringContaining("aws rds delete-db-cluster") });
      }
    }
    if (outcome === "mended") {
      const again = await run(worker, requestId);
      expect(again.code, again.printed).toBe(0);
      expect((await entriesOf(requestId)).map((entry) => entry.kind).filter((kind) => !kind.endsWith(".failed"))).toEqual(steps);
    }
    expect(await madeFor(worker, requestId)).toHaveLength(outcome === "refused" ? 0 : 1);
    if (worker === "restore" && (outcome === "survived" || outcome === "mended")) await world.letGoOfCluster(targetOf(requestId));
  });
}

import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openWorkerWorld, type WorkerWorld } from "./worker-world.ts";

const INCIDENT = "INC-2026-11-20";
let world: WorkerWorld;

beforeAll(async () => {
  world = await openWorkerWorld();
});
afterAll(() => world.close());

const incidentsOf = async (requestId: string) =>
  (await world.entries()).filter((entry) => entry.data.requestId === requestId).map((entry) => entry.incident);

function snapshot(changes: Record<string, string> = {}) {
  const request = { cluster: "app-prod", reason: "Evidence for the incident", trigger: "manual", app_version: "1" };
  return { ...request, request_id: randomUUID(), incident: INCIDENT, ...changes };
}

test("every entry of a snapshot and of a restore keeps the incident that the dispatch carried", async () => {
  const taken = snapshot();
  expect((await world.run("snapshot", taken)).code).toBe(0);
  expect(await incidentsOf(taken.request_id)).toEqual([INCIDENT, INCIDENT, INCIDENT]);

  const restored = {
    cluster: "app-prod",
    target: "app-incident",
    snapshot: (await world.snapshotIds())[0] ?? "",
    time: "",
    reason: "Looking into the incident",
    request_id: randomUUID(),
    incident: INCIDENT,
  };
  expect((await world.run("restore", restored)).code).toBe(0);
  expect(new Set(await incidentsOf(restored.request_id))).toEqual(new Set([INCIDENT]));
});

test("a refusal keeps it too, also one of inputs that do not parse", async () => {
  const unknown = snapshot({ cluster: "gone" });
  expect((await world.run("snapshot", unknown)).code).toBe(3);
  expect(await incidentsOf(unknown.request_id)).toEqual([INCIDENT]);
  const unreadable = snapshot({ reason: "short" });
  expect((await world.run("snapshot", unreadable)).code).toBe(3);
  expect(await incidentsOf(unreadable.request_id)).toEqual([INCIDENT]);
});

test("what is no incident's id is refused and not recorded as one; without one the entries have none", async () => {
  const hostile = snapshot({ incident: "../<script>" });
  expect((await world.run("snapshot", hostile)).code).toBe(3);
  expect(await incidentsOf(hostile.request_id)).toEqual([undefined]);
  const plain = snapshot({ incident: "" });
  expect((await world.run("snapshot", plain)).code).toBe(0);
  expect(await incidentsOf(plain.request_id)).toEqual([undefined, undefined, undefined]);
});

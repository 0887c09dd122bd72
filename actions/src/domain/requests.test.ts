import { expect, test } from "vitest";
import { InvalidInput } from "./problem.ts";
import {
  type CleanupInputs,
  cleanupInputsOf,
  parseCleanupRequest,
  parseRestoreRequest,
  parseSnapshotRequest,
  type RestoreInputs,
  restoreInputsOf,
  type SnapshotInputs,
  snapshotInputsOf,
} from "./requests.ts";

const NOW = new Date("2026-11-20T12:00:00Z");
const restore: RestoreInputs = {
  cluster: "app-prod",
  target: "app-prod-restored",
  snapshot: "",
  time: "2026-11-20T11:59:59Z",
  reason: "All passwords were reset by mistake",
  request_id: "3f0e1c52-6d0b-4b7e-9d53-0f2a4c1be871",
};
const snapshot: SnapshotInputs = {
  cluster: "app-prod",
  reason: "Before the release of 4.2",
  request_id: "3f0e1c52-6d0b-4b7e-9d53-0f2a4c1be871",
  trigger: "manual",
  app_version: "4.2.0+build.7",
};

function refusedPaths(inputs: Partial<RestoreInputs>): readonly string[] {
  try {
    parseRestoreRequest({ ...restore, ...inputs }, NOW);
  } catch (error) {
    if (error instanceof InvalidInput) return error.problems.map((problem) => problem.path);
    throw error;
  }
  return [];
}

test("a request becomes inputs and the same request again", () => {
  const request = parseRestoreRequest(restore, NOW);
  expect(parseRestoreRequest(restoreInputsOf(request), NOW)).toEqual(request);
  const taken = parseSnapshotRequest(snapshot);
  expect(parseSnapshotRequest(snapshotInputsOf(taken))).toEqual(taken);
});

test("a sample is one question to the database, travels with the request, and is no field where there is none", () => {
  const asked = parseRestoreRequest({ ...restore, sample: " select count(*) = 3 from users where id in (1, 2, 3) " }, NOW);
  expect(asked.sample).toBe("select count(*) = 3 from users where id in (1, 2, 3)");
  expect(parseRestoreRequest(restoreInputsOf(asked), NOW)).toEqual(asked);
  expect(restoreInputsOf(parseRestoreRequest({ ...restore, sample: "" }, NOW))).not.toHaveProperty("sample");
  expect(refusedPaths({ sample: "delete from users" })).toEqual(["sample"]);
});

test("an incident travels with the request; none is no field at all", () => {
  const request = parseRestoreRequest({ ...restore, incident: "INC-2026-11-20" }, NOW);
  expect(request.incident).toBe("INC-2026-11-20");
  expect(restoreInputsOf(request).incident).toBe("INC-2026-11-20");
  const taken = parseSnapshotRequest({ ...snapshot, incident: "7" });
  expect(snapshotInputsOf(taken).incident).toBe("7");
  for (const incident of [{}, { incident: "" }]) {
    expect(parseRestoreRequest({ ...restore, ...incident }, NOW)).not.toHaveProperty("incident");
    expect(snapshotInputsOf(parseSnapshotRequest({ ...snapshot, ...incident }))).not.toHaveProperty("incident");
  }
});

test("a time keeps its zone's instant", () => {
  const request = parseRestoreRequest({ ...restore, time: "2026-11-20T12:30:00+01:00" }, NOW);
  expect(request.point).toEqual({ kind: "time", time: new Date("2026-11-20T11:30:00Z") });
});

test.each<[string, Partial<RestoreInputs>, string]>([
  ["a time without a zone", { time: "2026-11-20T11:59:59" }, "time"],
  ["a day and month the other way round", { time: "20/11/2026 11:59" }, "time"],
  ["a time in the future", { time: "2026-11-20T12:00:01Z" }, "time"],
  ["both a snapshot and a time", { snapshot: "holdfast-1" }, "snapshot, time"],
  ["neither a snapshot nor a time", { time: "" }, "snapshot, time"],
  ["the live cluster as target", { target: "app-prod" }, "target"],
  ["an illegal identifier", { target: "-App--Prod-" }, "target"],
  ["an identifier of 64 characters", { target: "a".repeat(64) }, "target"],
  ["a missing reason", { reason: "" }, "reason"],
  ["a reason of blanks", { reason: "             " }, "reason"],
  ["a reason of 10,000 characters", { reason: "x".repeat(10_000) }, "reason"],
  ["markup in the reason", { reason: "<img src=x onerror=alert(1)>" }, "reason"],
  ["a link in the reason", { reason: "see [this](https://example.org)" }, "reason"],
  ["a line break in the reason", { reason: "first line\nsecond line" }, "reason"],
  ["a direction mark in the reason", { reason: "harmless \u202e gnihtemos" }, "reason"],
  ["a request id that is no UUID", { request_id: "1" }, "request_id"],
  ["an incident with markup", { incident: "<b>1</b>" }, "incident"],
  ["an incident of 65 characters", { incident: "a".repeat(65) }, "incident"],
])("%s is refused", (_what, inputs, path) => {
  expect(refusedPaths(inputs)).toContain(path);
});

const cleanup: CleanupInputs = {
  cluster: "app-prod",
  resource: "cluster",
  name: "app-prod-half",
  confirm: "app-prod-half",
  reason: "Nobody needs it any more",
  request_id: "3f0e1c52-6d0b-4b7e-9d53-0f2a4c1be871",
};

test("a cleanup becomes inputs and the same cleanup again", () => {
  const request = parseCleanupRequest({ ...cleanup, incident: "INC-1" });
  expect(parseCleanupRequest(cleanupInputsOf(request, "app-prod-half"))).toEqual(request);
});

test.each<[string, Partial<CleanupInputs>]>([
  ["another name typed", { confirm: "app-prod-hal" }],
  ["no name typed", { confirm: "" }],
  ["the live cluster", { name: "app-prod", confirm: "app-prod" }],
  ["a name with a blank", { name: "app half", confirm: "app half" }],
  ["no reason", { reason: "" }],
])("a cleanup with %s is refused", (_what, changes) => {
  expect(() => parseCleanupRequest({ ...cleanup, ...changes })).toThrow(InvalidInput);
});

test("a refusal does not repeat a long value whole", () => {
  expect(() => parseRestoreRequest({ ...restore, reason: "x".repeat(10_000) }, NOW)).toThrow(/10002 characters/);
});

test.each(["", "1.2 (beta)", "v1,2", "a".repeat(129), "x#1"])("the app version %j is refused: a tag could not hold it", (version) => {
  expect(() => parseSnapshotRequest({ ...snapshot, app_version: version })).toThrow(InvalidInput);
});

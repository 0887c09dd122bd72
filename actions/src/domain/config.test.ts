import { expect, test } from "vitest";
import { findCluster, parseConfig } from "./config.ts";
import { InvalidInput } from "./problem.ts";

const smallest = { clusters: [{ id: "app-prod", region: "eu-west-1", database: "app" }] };

function problemsOf(document: unknown) {
  try {
    parseConfig(document);
  } catch (error) {
    if (error instanceof InvalidInput) return error.problems;
    throw error;
  }
  return [];
}

test("one cluster is a working installation, with the documented defaults", () => {
  const config = parseConfig(smallest);
  expect(config.clusters[0]).toMatchObject({ engine: "aurora-postgresql", runner: "ubuntu-latest", objectives: { rpo: "24h", rto: "1h" } });
  expect(config.retention).toEqual({ daily: 7, weekly: 4, monthly: 3, preMigration: "14d", minimumAge: "2d", perRun: 5 });
  expect(config.schedule).toEqual({
    snapshot: "daily at 03:17",
    drill: "weekly",
    retention: "daily at 04:47",
    canary: "hourly",
    pull: "off",
    detect: "off",
  });
  expect(config.approvals).toEqual({ approvers: [], required: 1, validFor: "24h", migrations: "environment" });
});

test("every problem is in one message, with path, value and what is allowed", () => {
  const document = {
    clusters: [{ id: "App_Prod", region: "europe", database: "app", objectives: { rpo: "1 day" } }],
    retention: { daily: -1 },
  };
  const problems = problemsOf(document);
  expect(problems.map((problem) => problem.path)).toEqual([
    "clusters[0].id",
    "clusters[0].region",
    "clusters[0].objectives.rpo",
    "retention.daily",
  ]);
  expect(problems[2]).toMatchObject({ found: '"1 day"', allowed: expect.stringContaining("for example 60s, 24h or 14d") });
});

test("an unknown key is an error that says which key was probably meant", () => {
  const [problem] = problemsOf({ ...smallest, retension: {} });
  expect(problem).toMatchObject({ path: "retension", found: "an unknown key" });
  expect(problem?.allowed).toContain('"retension" may mean "retention"');
});

test("an unknown key in a nested place names its place", () => {
  expect(problemsOf({ clusters: [{ ...smallest.clusters[0], databse: "x" }] })[0]).toMatchObject({ path: "clusters[0].databse" });
});

test("an app on a cluster that is not there and a cluster named twice are problems", () => {
  const [cluster] = smallest.clusters;
  const problems = problemsOf({ clusters: [cluster, cluster], apps: [{ name: "web", cluster: "other" }] });
  expect(problems).toEqual([
    { path: "clusters", found: '"app-prod" twice', allowed: "one cluster per id" },
    { path: "apps[0].cluster", found: '"other"', allowed: "one of the clusters: app-prod, app-prod" },
  ]);
});

test.each([[null], [[]], ["text"], [{ clusters: [] }]])("%j is refused", (document) => {
  expect(problemsOf(document).length).toBeGreaterThan(0);
});

test("asking for a cluster that is not configured lists the ones that are", () => {
  expect(() => findCluster(parseConfig(smallest), "nope")).toThrow(/"nope".*app-prod/s);
});

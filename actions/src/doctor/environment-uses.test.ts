import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { environmentUses } from "./environment-uses.ts";

const WORKFLOWS = fileURLToPath(new URL("../../../.github/workflows/", import.meta.url));
const ours = readdirSync(WORKFLOWS).flatMap((file) => environmentUses(file, parse(readFileSync(`${WORKFLOWS}${file}`, "utf8"))));
const namesOf = (workflow: string) => ours.filter((use) => use.workflow === workflow).map(({ environment }) => environment);

test("our own workflows: a plain name, two jobs, a choice between two", () => {
  expect(namesOf("snapshot.yml")).toEqual(["snapshot"]);
  expect(namesOf("drill.yml")).toEqual(["drill", "cleanup"]);
  expect(namesOf("respond.yml").toSorted()).toEqual(["override", "respond"]);
});

test("what a job takes from its environment, and whether it may identify itself", () => {
  expect(ours.find(({ workflow }) => workflow === "detect.yml")).toMatchObject({
    variables: expect.arrayContaining(["AWS_ROLE_ARN", "PAGE_URL"]),
    secrets: expect.arrayContaining(["PRIVACY_KEY", "SLACK_WEBHOOK_URL", "SMTP_URL"]),
    identity: true,
  });
  expect(ours.find(({ workflow }) => workflow === "canary.yml")).toMatchObject({ secrets: [], identity: false });
});

test("every job that may identify itself names an environment: without one its token would be trusted by branch alone", () => {
  for (const file of readdirSync(WORKFLOWS)) {
    const text = readFileSync(`${WORKFLOWS}${file}`, "utf8");
    const asked = text.match(/id-token: write/g)?.length ?? 0;
    expect(ours.filter((use) => use.workflow === file && use.identity).length, file).toBeGreaterThanOrEqual(asked);
  }
});

test.each([[null], ["text"], [{ jobs: [] }], [{ jobs: { a: { environment: 3 } } }]])("%j has no environments", (document) => {
  expect(environmentUses("odd.yml", document)).toEqual([]);
});

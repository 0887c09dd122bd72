import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseConfig } from "@holdfast/actions/domain";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { builtInRules, rulesInForce } from "../../actions/src/detection/rules-in-force.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

test.each(["holdfast.yml", "docs/examples/holdfast.yml"])("%s is a configuration that holds", (file) => {
  expect(parseConfig(parse(readFileSync(`${ROOT}${file}`, "utf8"))).clusters.map((cluster) => cluster.id)).toEqual(["app-prod"]);
});

test("where the example says nothing else, it shows the defaults", () => {
  const example = parseConfig(parse(readFileSync(`${ROOT}docs/examples/holdfast.yml`, "utf8")));
  const smallest = parseConfig({ clusters: [{ id: "app-prod", region: "eu-west-1", database: "app" }] });
  for (const part of ["schedule", "retention"] as const) expect(example[part]).toEqual(smallest[part]);
  const [shown] = example.clusters;
  const [least] = smallest.clusters;
  expect({ ...shown, protect: [], checks: [], migrations: undefined }).toEqual(least);
});

test("the example's rules are the ones there are, at their defaults", () => {
  const { rules, maintenance } = parseConfig(parse(readFileSync(`${ROOT}docs/examples/holdfast.yml`, "utf8")));
  const shown = rulesInForce({ rules, maintenance }).map(({ matches: _, ...rule }) => rule);
  const ours = builtInRules({ maintenance }).map(({ matches: _, ...rule }) => rule);
  expect(shown.slice(0, ours.length)).toEqual(ours);
});

test.each(["docs/migrations.md", "docs/examples/flask/README.md", "docs/examples/spring/README.md"])(
  "the migration settings that %s shows hold",
  (file) => {
    const shown = [...readFileSync(`${ROOT}${file}`, "utf8").matchAll(/```yaml\n((?:clusters:\n.*\n)? {4}migrations:\n[\s\S]*?)```/g)];
    expect(shown.length).toBeGreaterThan(0);
    for (const [, text = ""] of shown) {
      const { migrations } = parse(text.replace("clusters:\n  - id: app-prod\n", ""));
      const cluster = { id: "app-prod", region: "eu-west-1", database: "app", migrations };
      expect(parseConfig({ clusters: [cluster] }).clusters[0]?.migrations).toMatchObject(migrations);
    }
  },
);

import { afterEach, expect, test } from "vitest";
import { createFakeHost, type FakeHost, type FakeHostOptions, workflow } from "./fake-host.ts";

const open: FakeHost[] = [];

function createWorld(options: FakeHostOptions): FakeHost {
  const world = createFakeHost(options);
  open.push(world);
  return world;
}

afterEach(async () => {
  for (const world of open.splice(0)) await world.close();
});

const NODE_ACTION = {
  "actions/greet/action.yml": `name: Greet
description: says hello
inputs:
  who to greet: {description: x, default: world}
  token: {description: t, default: "\${{ github.token }}"}
outputs:
  greeting: {description: g}
runs: {using: node24, main: main.mjs}
`,
  "actions/greet/main.mjs": `import { appendFileSync } from "node:fs";
const who = process.env["INPUT_WHO_TO_GREET"];
appendFileSync(process.env.GITHUB_OUTPUT, "greeting<<END\\nhello\\n" + who + "\\nEND\\n");
console.log("::notice title=Greet::hello " + who);
console.log("token " + process.env.INPUT_TOKEN);
if (who === "nobody") process.exitCode = 3;
`,
};

test("run steps, a checkout, a local action and outputs between jobs", async () => {
  const world = createWorld({
    files: {
      ...workflow(
        `  first:
    runs-on: ubuntu-latest
    outputs:
      greeting: \${{ steps.greet.outputs.greeting }}
    steps:
      - uses: actions/checkout@${"a".repeat(40)}
      - id: greet
        uses: ./actions/greet
        with: {who to greet: "\${{ inputs.who }}"}
      - run: |
          cat <<EOF
          sha \${{ github.sha }} is \${{ inputs.flag }}
          EOF
          git rev-parse HEAD
          test "$GITHUB_SHA" = "$(git rev-parse HEAD)"
      - run: node -e 'console.log(JSON.parse(require("fs").readFileSync(process.env.GITHUB_EVENT_PATH)).inputs.who)'
  second:
    runs-on: ubuntu-latest
    needs: first
    if: needs.first.outputs.greeting != ''
    name: After \${{ needs.first.result }}
    steps:
      - run: echo "got $GREETING"
        env: {GREETING: "\${{ needs.first.outputs.greeting }}"}
`,
      ),
      ...NODE_ACTION,
    },
  });
  expect(await world.finish({ inputs: { who: "Ada", flag: true } })).toBe("success");
  const first = world.job("first");
  expect(first.log).toContain(`sha ${world.sha} is true`);
  expect(first.log).toContain(world.sha);
  expect(first.log).toContain("Ada");
  expect(first.log).toContain("token ***");
  expect(first.annotations).toEqual([{ level: "notice", message: "Greet: hello Ada" }]);
  expect(first.steps.map(({ number, name, status, conclusion }) => `${number} ${name} ${status} ${conclusion}`)).toEqual([
    "1 Set up job completed success",
    `2 Run actions/checkout@${"a".repeat(40)} completed success`,
    "3 Run ./actions/greet completed success",
    "4 Run cat <<EOF completed success",
    `5 Run node -e 'console.log(JSON.parse(require("fs").readFileSync(process.env.GITHUB_EVENT_PATH)).inputs.who)' completed success`,
    "6 Complete job completed success",
  ]);
  expect(world.job("second").name).toBe("After success");
  expect(world.job("second").log).toEqual(expect.arrayContaining(["got hello", "Ada"]));
  expect(world.tokens.map(({ permissions, revoked }) => ({ permissions, revoked }))).toEqual(
    Array.from({ length: 2 }, () => ({ permissions: { contents: "read", packages: "read", metadata: "read" }, revoked: true })),
  );
});

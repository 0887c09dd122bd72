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

test("values that steps hand on: outputs, environment, path and summary", async () => {
  const world = createWorld({
    files: workflow(
      `  a:
    runs-on: x
    env: {LEVEL: job, FROM_VARS: "\${{ vars.PLACE }}"}
    outputs: {both: "\${{ steps.one.outputs.both }}"}
    steps:
      - id: one
        env: {LEVEL: step}
        run: |
          echo "level $LEVEL $TOP"
          {
            echo 'both<<--'
            echo 'line 1'
            echo 'line 2'
            echo '--'
          } >> "$GITHUB_OUTPUT"
          echo "LATER=from env file" >> "$GITHUB_ENV"
          echo "# A title" >> "$GITHUB_STEP_SUMMARY"
          mkdir bin
          printf '#!/bin/bash\\necho my tool\\n' > bin/mytool
          chmod +x bin/mytool
          echo "$PWD/bin" >> "$GITHUB_PATH"
      - env: {BOTH: "\${{ steps.one.outputs.both }}"}
        run: |
          echo "level $LEVEL, later $LATER, vars $FROM_VARS"
          echo "$BOTH"
          mytool
          echo "second" >> "$GITHUB_STEP_SUMMARY"
      - if: env.LATER == 'from env file' && runner.os != '' && job.status == 'success'
        working-directory: bin
        run: echo "in $(basename "$PWD")"
      - run: echo "NODE_OPTIONS=--inspect" >> "$GITHUB_ENV"
`,
      "env: {TOP: top, LEVEL: workflow}",
    ),
  });
  expect(await world.finish()).toBe("failure");
  const job = world.job("a");
  expect(job.log).toEqual(
    expect.arrayContaining(["level step top", "level job, later from env file, vars repository", "line 1", "line 2", "my tool", "in bin"]),
  );
  expect(job.summary).toBe("# A title\n\nsecond\n");
  expect(job.annotations.map(({ message }) => message)).toEqual([
    "Unable to process file command successfully. Can't store NODE_OPTIONS output parameter using '$GITHUB_ENV' command.",
  ]);
});

test("a failing step ends the job, except for what is asked to run still", async () => {
  const world = createWorld({
    files: workflow(`  a:
    runs-on: x
    steps:
      - run: exit 4
        continue-on-error: true
        id: soft
      - run: "echo soft was \${{ steps.soft.outcome }} and counts as \${{ steps.soft.conclusion }}"
      - run: exit 7
        id: hard
      - run: echo never
      - if: failure()
        run: echo on failure
      - if: always() && steps.hard.outcome == 'failure'
        run: echo always
  b: {runs-on: x, needs: a, steps: [{run: echo never}]}
  c: {runs-on: x, needs: a, if: always(), steps: [{run: "echo a was \${{ needs.a.result }}"}]}
  d: {runs-on: x, needs: c, steps: [{run: echo never}]}
  e: {runs-on: x, needs: [c], if: failure(), steps: [{run: echo an ancestor failed}]}
`),
  });
  expect(await world.finish()).toBe("failure");
  const job = world.job("a");
  expect(job.steps.map(({ conclusion }) => conclusion)).toEqual([
    "success",
    "success",
    "success",
    "failure",
    "skipped",
    "success",
    "success",
    "success",
  ]);
  expect(job.log).toEqual(expect.arrayContaining(["soft was failure and counts as success", "on failure", "always"]));
  expect(job.log).not.toContain("never");
  expect(job.annotations.map(({ message }) => message)).toEqual([
    "Process completed with exit code 4.",
    "Process completed with exit code 7.",
  ]);
  expect(["b", "c", "d", "e"].map((key) => world.job(key).conclusion)).toEqual(["skipped", "success", "skipped", "success"]);
  expect(world.job("c").log).toContain("a was failure");
});

test("pipefail holds only where bash is named, as on GitHub", async () => {
  const world = createWorld({
    files: workflow(`  implicit: {runs-on: x, steps: [{run: "false | true"}]}
  named: {runs-on: x, steps: [{run: "false | true", shell: bash}]}
  defaults: {runs-on: x, defaults: {run: {shell: bash}}, steps: [{run: "false | true"}]}
`),
  });
  await world.finish();
  expect(["implicit", "named", "defaults"].map((key) => world.job(key).conclusion)).toEqual(["success", "failure", "failure"]);
});

test("secrets and masks appear nowhere, neither in log, summary, annotations nor outputs", async () => {
  const secret = crypto.randomUUID();
  const multiline = `${crypto.randomUUID()}\n${crypto.randomUUID()}`;
  const world = createWorld({
    environments: { restore: { vars: { PLACE: "environment" }, secrets: { HOOK: secret, KEY: multiline } } },
    files: workflow(`  a:
    runs-on: x
    environment: restore
    outputs: {leak: "\${{ steps.leak.outputs.leak }}", fine: "\${{ vars.PLACE }} \${{ vars.ONLY_REPOSITORY }}"}
    steps:
      - id: leak
        env: {HOOK: "\${{ secrets.HOOK }}", KEY: "\${{ secrets.KEY }}"}
        run: |
          echo "hook $HOOK" | tee -a "$GITHUB_STEP_SUMMARY"
          echo "$KEY"
          echo "::error::about $HOOK"
          echo "leak=$HOOK" >> "$GITHUB_OUTPUT"
          echo "::add-mask::kitten"
          echo "a kitten"
          test -z "$GITHUB_TOKEN"
          echo "token \${{ secrets.GITHUB_TOKEN }}"
  b: {runs-on: x, needs: a, steps: [{run: "echo leak=[\${{ needs.a.outputs.leak }}] fine=[\${{ needs.a.outputs.fine }}]"}]}
`),
  });
  expect(await world.finish()).toBe("success");
  const job = world.job("a");
  expect(job.log).toEqual(expect.arrayContaining(["hook ***", "***", "##[error]about ***", "a ***", "token ***"]));
  expect(world.job("b").log).toContain("leak=[] fine=[environment yes]");
  expect(job.annotations.map(({ message }) => message)).toEqual(["about ***", "Skip output 'leak' since it may contain secret."]);
  const everything = JSON.stringify([...world.jobs.values()]);
  for (const value of [secret, ...multiline.split("\n"), ...world.tokens.map(({ token }) => token)])
    expect(everything).not.toContain(value);
  expect(world.tokens.map(({ environment }) => environment)).toEqual(["restore", null]);
});

test("an environment that the branch may not enter fails the job before it has begun", async () => {
  const refused = 'Branch "main" is not allowed to deploy to restore due to environment protection rules.';
  const world = createWorld({
    environments: { restore: { refused } },
    files: workflow("  a: {runs-on: x, environment: {name: restore}, steps: [{run: echo never}]}\n"),
  });
  expect(await world.finish({ ref: "refs/heads/main" })).toBe("failure");
  expect(world.job("a").annotations).toEqual([{ level: "error", message: refused }]);
  expect(world.job("a").steps).toEqual([]);
  expect(world.tokens).toEqual([]);
});

test("commands on the output: groups, annotations, stop-commands; an unknown one fails the step", async () => {
  const world = createWorld({
    files: workflow(`  a:
    runs-on: x
    steps:
      - run: |
          echo "::group::Details"
          echo "::endgroup::"
          echo "::warning file=a.ts,line=3::50%25 done%0Anext"
          echo "::stop-commands::pause"
          echo "::error::not an error"
          echo "::pause::"
          echo "::notice::again"
          echo "::debug::hidden"
          echo "plain :: text"
      - run: echo "::set-output name=x::y"
`),
  });
  expect(await world.finish()).toBe("failure");
  const job = world.job("a");
  expect(job.annotations.map(({ level, message }) => `${level} ${message}`)).toEqual([
    "warning 50% done\nnext",
    "notice again",
    "error The command '::set-output::' is not supported; write to the file that its GITHUB_ variable names",
  ]);
  expect(job.log).toEqual(expect.arrayContaining(["##[group]Details", "::error::not an error", "plain :: text"]));
  expect(job.log).not.toContain("hidden");
});

test("a composite action has inputs, results and a failure of its own", async () => {
  const world = createWorld({
    files: {
      ...workflow(`  a:
    runs-on: x
    env: {TOP: of the job}
    steps:
      - uses: actions/checkout@${"b".repeat(40)}
      - id: both
        uses: ./actions/both
        with: {word: hi}
      - run: echo "TOP is $TOP"
      - run: echo "said \${{ steps.both.outputs.said }}"
      - uses: ./actions/both
        with: {word: fail, typo: 1}
`),
      "actions/both/action.yml": `name: Both
description: two steps
inputs: {word: {description: w}}
outputs: {said: {description: s, value: "\${{ steps.say.outputs.said }}"}}
runs:
  using: composite
  steps:
    - id: say
      shell: bash
      env: {WORD: "\${{ inputs.word }}"}
      run: |
        echo "said=$WORD" >> "$GITHUB_OUTPUT"
        echo "TOP=changed inside" >> "$GITHUB_ENV"
        test "$WORD" != fail
    - uses: ./actions/greet
      with: {who to greet: "\${{ inputs.word }}"}
    - shell: bash
      env: {OWN: "\${{ env.TOP }}"}
      run: echo "inside TOP is $TOP and $OWN"
    - if: failure()
      shell: bash
      run: echo "cleaned up in $(basename "$GITHUB_ACTION_PATH")"
`,
      ...NODE_ACTION,
    },
  });
  expect(await world.finish()).toBe("failure");
  const job = world.job("a");
  expect(job.log).toEqual(
    expect.arrayContaining(["said hi", "TOP is changed inside", "inside TOP is changed inside and changed inside", "cleaned up in both"]),
  );
  expect(job.annotations.map(({ message }) => message)).toEqual([
    "Greet: hello hi",
    "Unexpected input(s) 'typo', valid inputs are ['word']",
    "Process completed with exit code 1.",
  ]);
});

test("a local action that fails, and one that is not there", async () => {
  const world = createWorld({
    files: {
      ...workflow(`  a:
    runs-on: x
    steps:
      - uses: actions/checkout@${"b".repeat(40)}
        with: {path: sub}
      - uses: ./sub/actions/greet
        with: {who to greet: nobody}
  b: {runs-on: x, steps: [{uses: ./actions/greet}]}
`),
      ...NODE_ACTION,
    },
  });
  expect(await world.finish()).toBe("failure");
  expect(world.job("a").steps.map(({ conclusion }) => conclusion)).toEqual(["success", "success", "failure", "success"]);
  expect(world.job("b").annotations[0]?.message).toMatch(
    /^Can't find 'action.yml' under .*greet'. Did you forget to run actions\/checkout/,
  );
});

test("checkout takes another ref, whole history, and leaves no way to push", async () => {
  const world = createWorld({
    files: workflow(`  a:
    runs-on: x
    steps:
      - uses: actions/checkout@${"c".repeat(40)}
        id: head
        with: {ref: production, fetch-depth: 0, persist-credentials: false}
      - run: |
          echo "head \${{ steps.head.outputs.commit }} of $(git rev-list --count HEAD) on $(git branch --show-current)"
          git fetch -q origin production
          if git -c user.name=t -c user.email=t@e push -q origin HEAD:x; then echo pushed; fi
  b: {runs-on: x, steps: [{uses: "actions/checkout@${"c".repeat(40)}"}, {run: "echo $(git rev-list --count HEAD) on $(git branch --show-current) at $(git rev-parse HEAD)"}]}
  c: {runs-on: x, steps: [{uses: "actions/checkout@${"c".repeat(40)}", with: {ref: missing}}]}
  d:
    runs-on: x
    steps:
      - uses: actions/checkout@${"c".repeat(40)}
        with: {ref: "\${{ github.sha }}", path: deep/er}
      - {run: "echo detached [$(git branch --show-current)] at $(git rev-parse HEAD)", working-directory: deep/er}
`),
  });
  const later = world.commit({ "later.txt": "x" }, "second");
  expect(await world.finish()).toBe("failure");
  expect(world.job("a").log).toContain(`head ${later} of 2 on production`);
  expect(world.job("a").log).not.toContain("pushed");
  expect(world.job("b").log).toContain(`1 on production at ${world.sha}`);
  expect(world.job("d").log).toContain(`detached [] at ${world.sha}`);
  expect(world.job("c").annotations[0]?.message).toBe("A branch or tag with the name 'missing' could not be found");
});

test("a child sees the runner's environment but not the sandbox's own", async () => {
  process.env.HOLDFAST_TEST_PRIVATE = "private";
  const world = createWorld({
    engine: { runnerEnv: { AWS_ENDPOINT_URL_RDS: "http://rds.invalid", PGSSLMODE: "disable" } },
    files: workflow(`  a:
    runs-on: x
    permissions: {}
    steps:
      - uses: actions/setup-node@${"d".repeat(40)}
        with: {node-version: 24}
      - run: |
          echo "private [$HOLDFAST_TEST_PRIVATE] identity [$ACTIONS_ID_TOKEN_REQUEST_URL] rds [$AWS_ENDPOINT_URL_RDS] $PGSSLMODE"
          echo "$GITHUB_REPOSITORY $GITHUB_REF_NAME $GITHUB_EVENT_NAME $GITHUB_RUN_ID $GITHUB_ACTOR $GITHUB_JOB $CI"
          node -p '"node " + process.execPath'
`),
  });
  try {
    expect(await world.finish({ id: 42 })).toBe("success");
  } finally {
    delete process.env.HOLDFAST_TEST_PRIVATE;
  }
  expect(world.job("a").log).toEqual(
    expect.arrayContaining([
      "private [] identity [] rds [http://rds.invalid] disable",
      "acme/holdfast production workflow_dispatch 42 alice a true",
      `node ${process.execPath}`,
      `Asked for Node.js 24; this machine runs ${process.version}, which is what the job gets.`,
    ]),
  );
  expect(world.tokens[0]?.permissions).toEqual({ metadata: "read" });
});

test("a second attempt keeps the actor and names who asked for it", async () => {
  const world = createWorld({
    files: workflow('  a: {runs-on: x, steps: [{run: "echo $GITHUB_RUN_ATTEMPT $GITHUB_ACTOR $GITHUB_TRIGGERING_ACTOR"}]}\n'),
  });
  await world.finish({ id: 5 });
  await world.finish({ id: 5, attempt: 2, triggeringActor: "bob" });
  expect([...world.jobs.values()].map(({ log }) => log.filter((line) => line.endsWith("alice") || line.endsWith("bob")))).toEqual([
    ["1 alice alice"],
    ["2 alice bob"],
  ]);
});

test("an intercepted step fails with the words of the fault", async () => {
  const world = createWorld({
    engine: { intercept: ({ job, step }) => (job === "a" && step === "second" ? { fail: "The runner lost its disk." } : undefined) },
    files: workflow("  a: {runs-on: x, steps: [{run: echo one}, {name: second, run: echo never}]}\n"),
  });
  expect(await world.finish()).toBe("failure");
  expect(world.job("a").annotations).toEqual([{ level: "error", message: "The runner lost its disk." }]);
});

test("a summary beyond GitHub's limit is dropped with a word, and a missing folder is named", async () => {
  const world = createWorld({
    files: workflow(`  a:
    runs-on: x
    steps:
      - run: head -c 1100000 /dev/zero | tr '\\0' x >> "$GITHUB_STEP_SUMMARY"
      - run: echo never
        working-directory: not/there
`),
  });
  expect(await world.finish()).toBe("failure");
  const job = world.job("a");
  expect(job.summary).toBe("");
  expect(job.steps.map(({ conclusion }) => conclusion)).toEqual(["success", "success", "failure", "success"]);
  expect(job.annotations.map(({ message }) => message)).toEqual([
    "$GITHUB_STEP_SUMMARY upload aborted, supports content up to a size of 1024k, got 1075k.",
    expect.stringMatching(/^the working directory .*holdfast\/not\/there does not exist$/),
  ]);
});

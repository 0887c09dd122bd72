import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Fixture, openFixture } from "../../scripts/sandbox/github/sandbox-fixture.ts";
import type { RecordEntry } from "../../scripts/sandbox/record.ts";
import { barrier } from "../../scripts/testing/barrier.ts";
import type { Draft } from "../src/domain/index.ts";
import { verify } from "../src/domain/index.ts";
import { type Branch, openBranch } from "../src/github/branch.ts";
import { connectGitHub } from "../src/github/client.ts";
import { BrokenLedger, type Ledger, openLedger } from "../src/ledger/ledger.ts";
import { publishStatus, publishView } from "../src/ledger/status.ts";

const asked: RecordEntry[] = [];
let world: Fixture;

beforeAll(async () => {
  world = await openFixture({ record: (entry) => asked.push(entry) });
  await world.commit("main", { "README.md": "A repository to keep a ledger in\n" });
});
afterAll(() => world.close());

function connect() {
  return connectGitHub({
    token: world.hub.createToken({ login: "alice", permissions: { contents: "write" } }),
    apiUrl: world.hub.url,
    repository: "acme/holdfast",
  });
}

// Each test keeps a ledger of its own, on branches named after it.
function open(name: string, change: (branch: Branch) => Branch = (branch) => branch): Ledger {
  const github = connect();
  return openLedger({
    branch: change(openBranch(github, `ledger-${name}`)),
    status: openBranch(github, `status-${name}`),
    wait: () => Promise.resolve(),
    random: Math.random,
  });
}

function draft(id: string): Draft {
  return {
    id,
    at: "2026-11-20T11:00:00.000Z",
    kind: "snapshot.requested",
    actor: "alice",
    run: "1/1",
    reason: "Because of a test",
    data: { requestId: id },
  };
}

function git(...args: string[]): string {
  return execFileSync("git", ["--git-dir", world.hub.gitDir, ...args], { encoding: "utf8" });
}

function segmentsInGit(branch: string) {
  return git("ls-tree", "-r", "--name-only", branch)
    .split("\n")
    .filter((path) => path.endsWith(".jsonl"))
    .map((path) => ({ path, text: git("show", `${branch}:${path}`) }));
}

test("the first append makes an orphan branch, and what is in git verifies", async () => {
  const view = await open("first").append([draft("a:1"), draft("a:2")]);
  expect(view.entries.map((entry) => entry.seq)).toEqual([1, 2]);
  expect(verify(segmentsInGit("ledger-first"))).toMatchObject({ ok: true, head: view.head });
  expect(git("rev-list", "--count", "ledger-first").trim()).toBe("1");
});

test("two writers at the same moment both land, in order, with an unbroken chain", async () => {
  await open("race").append([draft("race:0")]);
  const bothHaveRead = barrier(2);
  const rival = () =>
    open("race", (branch) => ({
      ...branch,
      async commitOn(...args) {
        await bothHaveRead();
        return branch.commitOn(...args);
      },
    }));
  await Promise.all([rival().append([draft("race:left")]), rival().append([draft("race:right")])]);
  const { entries } = await open("race").read();
  expect(entries.map((entry) => entry.seq)).toEqual([1, 2, 3]);
  expect(entries.map((entry) => entry.id).sort()).toEqual(["race:0", "race:left", "race:right"]);
  expect(verify(segmentsInGit("ledger-race")).ok).toBe(true);
});

test("two writers that both find no ledger make one", async () => {
  const bothHaveRead = barrier(2);
  const rival = () =>
    open("birth", (branch) => ({
      ...branch,
      async create(...args) {
        await bothHaveRead();
        return branch.create(...args);
      },
    }));
  await Promise.all([rival().append([draft("birth:left")]), rival().append([draft("birth:right")])]);
  expect((await open("birth").read()).entries.map((entry) => entry.seq)).toEqual([1, 2]);
});

test("a writer that loses the race many times over lands all the same, and each time reads only what was added", async () => {
  await open("crowd").append([draft("crowd:0")]);
  const rival = open("crowd");
  let lost = 0;
  const looks: number[] = [];
  const patient = open("crowd", (branch) => ({
    ...branch,
    async commitOn(...args) {
      if (lost > 0) looks.push(asked.splice(0).filter(({ method }) => method === "GET").length);
      if (lost < 12) {
        lost += 1;
        await rival.append([draft(`crowd:rival-${lost}`)]);
      }
      asked.splice(0);
      return branch.commitOn(...args);
    },
  }));
  await patient.append([draft("crowd:patient")]);
  expect((await open("crowd").read()).entries.map((entry) => entry.id).at(-1)).toBe("crowd:patient");
  // The head, the list of files, and the one segment that is new.
  expect(looks).toEqual(Array.from({ length: 12 }, () => 3));
});

test("an append whose answer is lost after the commit landed is not repeated", async () => {
  await open("lost").append([draft("lost:0")]);
  let answers = 0;
  const unlucky = open("lost", (branch) => ({
    ...branch,
    async commitOn(...args) {
      const outcome = await branch.commitOn(...args);
      answers += 1;
      if (answers === 1) throw new Error("socket hang up");
      return outcome;
    },
  }));
  await unlucky.append([draft("lost:1")]);
  expect((await open("lost").read()).entries.map((entry) => entry.id)).toEqual(["lost:0", "lost:1"]);
  expect(answers).toBe(1);
});

test("the same entry appended again changes nothing", async () => {
  const ledger = open("again");
  const first = await ledger.append([draft("again:1")]);
  const second = await ledger.append([draft("again:1")]);
  expect(second).toEqual(first);
});

test("the only writer asks GitHub once an append: what it wrote last need not be read again", async () => {
  const ledger = open("thrift");
  await ledger.append([draft("thrift:1")]);
  const before = asked.length;
  await ledger.append([draft("thrift:2")]);
  await ledger.append([draft("thrift:3")]);
  expect(asked.slice(before).map(({ method, path }) => `${method} ${path}`)).toEqual(["POST /graphql", "POST /graphql"]);
  expect(verify(segmentsInGit("ledger-thrift"))).toMatchObject({ ok: true, head: { seq: 3 } });
});

test("a ledger that does not verify is not written to", async () => {
  const ledger = open("broken");
  await ledger.append([draft("broken:1")]);
  const segment = segmentsInGit("ledger-broken")[0];
  const github = connect();
  const branch = openBranch(github, "ledger-broken");
  const head = await branch.head();
  if (segment === undefined || head === null) throw new Error("the ledger has a segment and a head");
  await branch.commitOn(head, "Tamper", [{ path: segment.path, text: segment.text.replace("alice", "mallory") }]);
  await expect(open("broken").append([draft("broken:2")])).rejects.toThrow(BrokenLedger);
  await expect(open("broken").append([draft("broken:2")])).rejects.toThrow(/line 1: the hash does not fit/);
});

test("roll-ups save requests, and a forged one is not believed", async () => {
  const ledger = open("rollup");
  for (const step of ["1", "2", "3"]) await ledger.append([draft(`rollup:${step}`)]);
  const view = await ledger.read();
  const status = openBranch(connect(), "status-rollup");
  await publishStatus(status, view, null);
  let fetched = 0;
  const counting = open("rollup", (branch) => ({
    ...branch,
    read: (sha) => {
      fetched += 1;
      return branch.read(sha);
    },
  }));
  expect(await counting.read()).toEqual(view);
  expect(fetched).toBe(1);

  const [rollup] = (await status.files((await status.head()) ?? "")).filter((file) => file.path.startsWith("ledger/"));
  if (rollup === undefined) throw new Error("publishing wrote a roll-up");
  await status.replaceOn(
    await status.head(),
    "Forge",
    [{ path: rollup.path, text: (await status.read(rollup.sha)).replaceAll("alice", "mallory") }],
    [],
  );
  expect(await open("rollup").read()).toEqual(view);
});

test("of many that publish at the same moment, each finds its view there afterwards", async () => {
  const names = Array.from({ length: 3 }, (_, index) => `view-${index}.json`);
  await publishView(openBranch(connect(), "status-race"), "first.json", "{}");
  const arrived = barrier(names.length);
  await Promise.all(
    names.map((name) => {
      const branch = openBranch(connect(), "status-race");
      let isFirst = true;
      const together: typeof branch = {
        ...branch,
        async replaceOn(...args) {
          if (isFirst) await arrived();
          isFirst = false;
          return branch.replaceOn(...args);
        },
      };
      return publishView(together, name, "{}");
    }),
  );
  const status = openBranch(connect(), "status-race");
  const head = (await status.head()) ?? "";
  expect((await status.files(head)).map((file) => file.path).sort()).toEqual(["first.json", ...names]);
});

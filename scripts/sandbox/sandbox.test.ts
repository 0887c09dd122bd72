import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { readAccess } from "./access.ts";
import { connect } from "./demo-app/database.ts";
import { removeState } from "./remove-state.ts";
import { type Sandbox, type SandboxOptions, startSandbox } from "./sandbox.ts";

// A repository small enough to promote in a second: what is proven here is the sandbox, not the product.
const PROMOTE = `name: promote
on: {workflow_dispatch: {inputs: {reason: {type: string, required: true}}}}
permissions: {}
jobs:
  promote:
    runs-on: ubuntu-latest
    steps:
      - run: 'true'
`;

let folder = "";
let running: Sandbox | undefined;

afterEach(async () => {
  await running?.close();
  running = undefined;
  rmSync(folder, { recursive: true, force: true });
});

async function start(changes: Partial<SandboxOptions> = {}): Promise<Sandbox> {
  if (changes.state === undefined) {
    folder = mkdtempSync(join(tmpdir(), "holdfast-sandbox-"));
    mkdirSync(join(folder, "checkout/.github/workflows"), { recursive: true });
    writeFileSync(join(folder, "checkout/.github/workflows/promote.yml"), PROMOTE);
    writeFileSync(join(folder, "checkout/.github/workflows/ci.yml"), PROMOTE.replaceAll("promote", "ci"));
  }
  running = await startSandbox({ state: join(folder, "state"), checkout: join(folder, "checkout"), ...changes });
  return running;
}

async function users({ aws }: Sandbox): Promise<{ count: number; newest: string }> {
  const client = await connect({ ...(await aws.endpoint("app-prod")), ...aws.master });
  try {
    const { rows } = await client.query<{ count: number; newest: string }>(
      "select count(*)::int as count, max(email) as newest from users",
    );
    return rows[0] ?? { count: -1, newest: "" };
  } finally {
    await client.end();
  }
}

async function addUser({ aws }: Sandbox, email: string): Promise<void> {
  const client = await connect({ ...(await aws.endpoint("app-prod")), ...aws.master });
  await client.query("insert into users (email, display_name, password_hash) values ($1, 'Late', 'sha256$a$b')", [email]);
  await client.end();
}

test("starting again finds everything as it was: commits, runs, tokens, rows, ports", async () => {
  const first = await start();
  await first.promote();
  await addUser(first, "zzz@example.com");
  const before = {
    main: first.main,
    runs: first.github.runs().map((run) => run.id),
    tokens: await readAccess(join(folder, "state"), first.github),
    users: await users(first),
    endpoint: await first.aws.endpoint("app-prod"),
  };
  await first.close();

  const second = await start({ state: join(folder, "state") });
  await second.promote();
  expect({
    main: second.main,
    runs: second.github.runs().map((run) => run.id),
    tokens: await readAccess(join(folder, "state"), second.github),
    users: await users(second),
    endpoint: await second.aws.endpoint("app-prod"),
  }).toEqual(before);
  expect(before.users).toEqual({ count: 10_001, newest: "zzz@example.com" });
});

test("a port in use is named, and nothing that did start is left running", async () => {
  const squatter = createServer();
  await new Promise<void>((resolve) => squatter.listen(0, "127.0.0.1", resolve));
  const address = squatter.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  try {
    await expect(start({ ports: { github: port } })).rejects.toThrow(`Port ${port} for the sandbox's GitHub cannot be opened`);
    const processes = execFileSync("ps", ["-eo", "args"], { encoding: "utf8" });
    expect(processes).not.toContain(join(folder, "state"));
  } finally {
    squatter.close();
  }
});

test("a killed PostgreSQL is said and comes back with its rows", async () => {
  const said: string[] = [];
  const sandbox = await start({ onPostgres: (event) => said.push(event.kind) });
  await addUser(sandbox, "zzz@example.com");
  const pid = sandbox.aws.pidOf("app-prod");
  if (pid === undefined) throw new Error("app-prod has a PostgreSQL");
  process.kill(pid, "SIGKILL");
  await expect.poll(() => said).toContain("restarted");
  expect(said).toContain("died");
  expect(await users(sandbox)).toEqual({ count: 10_001, newest: "zzz@example.com" });
});

test("wiping a state folder leaves a folder alone that is not one", async () => {
  folder = mkdtempSync(join(tmpdir(), "holdfast-sandbox-"));
  writeFileSync(join(folder, "thesis.txt"), "years of work\n");
  await expect(removeState(folder)).rejects.toThrow(/does not look like a sandbox's state folder/);
});

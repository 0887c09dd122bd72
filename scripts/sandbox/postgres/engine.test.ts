import { execFile } from "node:child_process";
import { chmod, cp, lstat, mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { prepareEngine } from "./engine.ts";
import { unprivilegedOwner } from "./owner.ts";

const run = promisify(execFile);
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "holdfast-engine-"));
  await chmod(folder, 0o755);
});

afterEach(() => rm(folder, { recursive: true, force: true }));

/** The package as npm leaves it where install scripts are denied: no links. */
async function unpack(into: string): Promise<string> {
  const { postgres } = await prepareEngine(folder, await unprivilegedOwner());
  const native = path.join(into, "native");
  await cp(path.resolve(path.dirname(postgres), ".."), native, { recursive: true, verbatimSymlinks: true });
  for (const entry of await readdir(native, { recursive: true })) {
    if ((await lstat(path.join(native, entry))).isSymbolicLink()) await rm(path.join(native, entry));
  }
  return native;
}

test("the links that npm leaves out are made", async () => {
  const native = await unpack(folder);
  const { postgres, owner } = await prepareEngine(folder, await unprivilegedOwner(), native);
  expect(postgres.startsWith(native)).toBe(true);
  expect((await run(postgres, ["--version"], { ...owner })).stdout).toContain("15.18");
});

test.runIf(process.getuid?.() === 0)("binaries that the unprivileged user cannot read are copied to where it can", async () => {
  const closed = path.join(folder, "closed");
  await mkdir(closed, { mode: 0o700 });
  const native = await unpack(closed);
  await chmod(path.join(native, "lib"), 0o700);
  const { postgres, owner } = await prepareEngine(folder, await unprivilegedOwner(), native);
  expect(postgres.startsWith(native)).toBe(false);
  expect((await run(postgres, ["--version"], { ...owner })).stdout).toContain("15.18");
});

test("missing binaries are named with what to do", async () => {
  await expect(prepareEngine(folder, undefined, path.join(folder, "nothing"))).rejects.toThrow(
    /No PostgreSQL binaries in .*nothing: run "npm ci"/,
  );
});

import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const BUILT = ["actions/dist", "web/dist"];
let elsewhere = "";

afterEach(() => rmSync(elsewhere, { recursive: true, force: true }));

/** The same sources and packages under another path; hard links, because there are tens of thousands of files. */
function copyTree(): string {
  // Below the sandbox's own folder: ignored by git, and on the same disk, which hard links need.
  mkdirSync(join(ROOT, ".holdfast"), { recursive: true });
  elsewhere = mkdtempSync(join(ROOT, ".holdfast", "another place-"));
  const folder = join(elsewhere, "with", "a longer name");
  for (const file of execFileSync("git", ["ls-files", "-z", "*.json", "actions", "web"], { cwd: ROOT, encoding: "utf8" }).split("\0")) {
    if (file === "" || !existsSync(join(ROOT, file))) continue;
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    execFileSync("cp", [join(ROOT, file), join(folder, file)]);
  }
  for (const modules of ["node_modules", "actions/node_modules", "web/node_modules"])
    if (existsSync(join(ROOT, modules))) execFileSync("cp", ["-al", join(ROOT, modules), join(folder, modules)]);
  return folder;
}

function contents(root: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    BUILT.flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
        .filter((file) => file.isFile())
        .map((file) => join(file.parentPath, file.name))
        .map((file) => [file.slice(root.length), readFileSync(file, "base64")]),
    ),
  );
}

test("the bundles and the page are the same bytes in another folder, time zone and locale", () => {
  const folder = copyTree();
  // vitest's own would make React's development build of it.
  const { NODE_ENV: _, ...inherited } = process.env;
  const env = { ...inherited, TZ: "Pacific/Kiritimati", LANG: "tr_TR.UTF-8", LC_ALL: "tr_TR.UTF-8", HOME: elsewhere };
  const built = spawnSync("npm", ["run", "build", "--silent"], { cwd: folder, env, encoding: "utf8" });
  expect(built.status, `${built.stdout}${built.stderr}`).toBe(0);
  const [here, there] = [contents(ROOT), contents(`${folder}/`)];
  expect(Object.keys(there).toSorted()).toEqual(Object.keys(here).toSorted());
  expect(Object.keys(here).length).toBeGreaterThan(10);
  expect(Object.keys(here).filter((file) => here[file] !== there[file])).toEqual([]);
});

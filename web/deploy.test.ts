import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const HERE = fileURLToPath(new URL(".", import.meta.url));
let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "holdfast-deploy-"));
  mkdirSync(join(folder, "dist/assets"), { recursive: true });
  cpSync(join(HERE, "deploy.js"), join(folder, "deploy.js"));
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  writeFileSync(join(folder, "dist/index.html"), readFileSync(join(HERE, "index.html")));
  writeFileSync(join(folder, "dist/assets/index.js"), "export {};");
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function deploy(change: Readonly<Record<string, string>> = {}) {
  const options = { out: join(folder, "site"), owner: "acme", repository: "holdfast", "api-url": "https://api.github.com", ...change };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
  const { status, stderr } = spawnSync(process.execPath, [join(folder, "deploy.js"), ...args], { encoding: "utf8" });
  return { status, stderr };
}

const policy = () => /Content-Security-Policy" content="([^"]*)"/.exec(readFileSync(join(folder, "site/index.html"), "utf8"))?.[1] ?? "";

test("writes the installation's facts and lets the page reach its API alone", () => {
  expect(deploy({ "api-url": "http://127.0.0.1:8421/" })).toMatchObject({ status: 0 });
  expect(JSON.parse(readFileSync(join(folder, "site/config.json"), "utf8"))).toEqual({
    owner: "acme",
    repository: "holdfast",
    apiUrl: "http://127.0.0.1:8421",
    branch: "production",
  });
  expect(policy()).toContain("connect-src 'self' http://127.0.0.1:8421;");
  expect(policy()).not.toContain("api.github.com");
});

test("a server of one's own keeps its path in the configuration and its origin in the policy", () => {
  expect(deploy({ "api-url": "https://github.example.org/api/v3" }).status).toBe(0);
  expect(policy()).toContain("connect-src 'self' https://github.example.org;");
});

test("the policy that ships is the strict one", () => {
  deploy();
  expect(policy()).toBe(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self' https://api.github.com; base-uri 'none'; form-action 'none'; object-src 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  );
});

describe("refuses, naming the input, the value and what is allowed", () => {
  test.each([
    ["owner", "acme; x"],
    ["owner", ""],
    ["repository", "a/b"],
    ["repository", ".."],
    ["branch", "a..b"],
    ["api-url", "api.github.com"],
    ["api-url", "http://api.github.com"],
    ["api-url", "https://user:secret@api.github.com"],
    ["api-url", "javascript:alert(1)"],
  ])("--%s %j", (name, value) => {
    const { status, stderr } = deploy({ [name]: value });
    expect(status).toBe(2);
    expect(stderr).toContain(`--${name}: found ${JSON.stringify(value)}; allowed: `);
  });

  test("a page that was not built", () => {
    rmSync(join(folder, "dist"), { recursive: true });
    expect(deploy()).toMatchObject({ status: 2, stderr: expect.stringContaining("npm run build -w web") });
  });

  test("a page without the policy it would change", () => {
    writeFileSync(join(folder, "dist/index.html"), "<!doctype html>");
    expect(deploy()).toMatchObject({ status: 2, stderr: expect.stringContaining("exactly one") });
  });
});

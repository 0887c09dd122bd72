/** `detect` and `tune` as people run them: the bundled command over files and pipes. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const BIN = fileURLToPath(new URL("../bin/holdfast.js", import.meta.url));
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "holdfast-replay-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function holdfast(args: readonly string[], input = "") {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, ...args], { cwd: folder, encoding: "utf8", input });
  return { status, stdout, stderr, lines: stdout.split("\n").filter((line) => line !== "") };
}

const json = (line: string | undefined) => JSON.parse(line ?? "null");
const failure = (second: number, more: object = {}) =>
  JSON.stringify({
    "@timestamp": new Date(Date.UTC(2020, 0, 6, 12) + second * 1000).toISOString(),
    event: { action: "login_failed" },
    user: { name: "mallory" },
    client: { ip: "192.0.2.7" },
    ...more,
  });
const write = (name: string, lines: readonly string[]) => {
  writeFileSync(join(folder, name), `${lines.join("\n")}\n`);
  return name;
};

describe("detect", () => {
  test("prints an alert a line, with the contract's fields, at documented defaults without a configuration", () => {
    const file = write(
      "app.log",
      [0, 10, 20, 30, 40, 50].map((second) => failure(second)),
    );
    const { status, lines } = holdfast(["detect", "--json", file]);
    expect(status).toBe(0);
    expect(lines).toHaveLength(1);
    const alert = json(lines[0]);
    expect(Object.keys(alert).slice(0, 11)).toEqual([
      "rule",
      "severity",
      "key",
      "openedAt",
      "firstEventAt",
      "lastEventAt",
      "count",
      "threshold",
      "within",
      "source",
      "line",
    ]);
    expect(alert).toMatchObject({
      rule: "repeated-auth-failure",
      severity: "MEDIUM",
      key: "192.0.2.7",
      openedAt: "2020-01-06T12:00:40.000Z",
      firstEventAt: "2020-01-06T12:00:00.000Z",
      lastEventAt: "2020-01-06T12:00:50.000Z",
      count: 6,
      threshold: 5,
      within: "300s",
      source: "app.log",
      line: 5,
    });
  });

  test("reads standard input", () => {
    const input = [0, 10, 20, 30, 40].map((second) => failure(second)).join("\n");
    expect(json(holdfast(["detect", "--json", "-"], input).lines[0])).toMatchObject({ source: "stdin", line: 5 });
  });

  test("takes several files for the sources of one app, in the order of their times", () => {
    const one = write(
      "one.log",
      [0, 20, 40].map((second) => failure(second)),
    );
    const two = write(
      "two.log",
      [10, 30].map((second) => failure(second)),
    );
    const { lines } = holdfast(["detect", "--json", two, one]);
    expect(lines.map(json)).toMatchObject([{ source: "one.log", line: 3, count: 5 }]);
  });

  test("prints every event it recognised", () => {
    const { lines } = holdfast(["detect", "--events", "--json", write("app.log", [failure(0), "nonsense", failure(2)])]);
    expect(lines.map(json)).toMatchObject([
      { line: 1, kind: "auth-failed", at: "2020-01-06T12:00:00.000Z", actor: "mallory", ip: "192.0.2.7", source: "app.log" },
      { line: 3, kind: "auth-failed" },
    ]);
    for (const field of ["admin", "target", "rows"]) expect(json(lines[0])).toHaveProperty(field);
  });

  test("goes by the configuration that is named", () => {
    write("holdfast.yml", [
      "clusters: [{id: app-prod, region: eu-west-1, database: app}]",
      "apps: [{name: web, cluster: app-prod}]",
      "rules:",
      "  repeated-auth-failure: {enabled: false}",
      "  two-failures: {count: [auth-failed], key: actor, threshold: 2, within: 1m, explanation: Two is too many.}",
    ]);
    const file = write(
      "app.log",
      [0, 10, 20, 30, 40].map((second) => failure(second)),
    );
    const { lines } = holdfast(["detect", "--json", "--config", "holdfast.yml", file]);
    expect(lines.map(json)).toMatchObject([{ rule: "two-failures", key: "mallory", app: "web", cluster: "app-prod", line: 2 }]);
  });

  test("a forged stamp far ahead hides nothing of what follows", () => {
    const seconds = [0, 10, 30 * 86_400, 20, 30, 40];
    const { lines, stderr } = holdfast([
      "detect",
      "--json",
      write(
        "app.log",
        seconds.map((second) => failure(second)),
      ),
    ]);
    expect(lines.map(json)).toMatchObject([{ rule: "repeated-auth-failure", line: 6 }]);
    expect(stderr).toContain("1 events are stamped");
  });

  test("what people see is harmless and without secrets, and says what to do", () => {
    const hostile = { message: "\u001b[2J\u009b31m password=hunter2 \u202e::error::" };
    const file = write(
      "app.log",
      [0, 10, 20, 30, 40].map((second) => failure(second, hostile)),
    );
    const plain = holdfast(["detect", file]).stdout;
    expect(plain).toContain("Many failed sign-ins from one address");
    expect(plain).toContain("docs/runbooks/repeated-auth-failure.md");
    for (const text of [plain, holdfast(["detect", "--json", file]).stdout]) {
      expect(text).not.toContain("hunter2");
      for (const hidden of ["\u001b", "\u009b", "\u202e"]) expect(text).not.toContain(hidden);
    }
  });

  test.each([
    [["detect"], "expected at least one file"],
    [["detect", "nowhere.log"], "nowhere.log is not a file that can be read"],
    [["detect", "--config", "nowhere.yml", "-"], "nowhere.yml cannot be read"],
    [["detect", "--app", "web", "-"], "together with --config"],
    [["detect", "--follow", "-"], "--follow"],
    [["tune"], "expected at least one file"],
  ])("wrong usage %j ends with 2 and says what is allowed", (args, message) => {
    const { status, stderr } = holdfast(args);
    expect(status).toBe(2);
    expect(stderr).toContain(message);
  });
});

test("tune says what each threshold would have raised, and changes nothing", () => {
  const bursts = Array.from({ length: 5 }, (_, hour) => [0, 10, 20, 30, 40, 50].map((second) => failure(hour * 3600 + second)));
  const file = write("app.log", bursts.flat());
  const proposal = holdfast(["tune", "--json", file])
    .lines.map(json)
    .find((each) => each.rule === "repeated-auth-failure");
  expect(proposal).toMatchObject({ current: 5, proposed: 8 });
  expect(proposal.choices.map((choice: { threshold: number; alerts: number }) => [choice.threshold, choice.alerts])).toContainEqual([5, 5]);
  expect(holdfast(["tune", file]).stdout).toContain("repeated-auth-failure: 5 to 8 in 300s");
});

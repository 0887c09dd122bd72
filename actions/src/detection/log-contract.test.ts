/** The documented contract: what it shows is what is read. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { parseConfig } from "../domain/index.ts";
import { readerOptions } from "./reader-options.ts";
import { tellLines } from "./tell-lines.ts";

const document = readFileSync(new URL("../../../docs/log-contract.md", import.meta.url), "utf8");
const blocks = (language: string) =>
  [...document.matchAll(new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\n\`\`\``, "g"))].map((match) => match[1] ?? "");

test("every line of JSON in it is one trusted event of the action that it names", () => {
  const lines = blocks("json");
  expect(lines.length).toBeGreaterThan(2);
  for (const line of lines) {
    const events = tellLines(line);
    expect(events).toMatchObject([{ at: Date.UTC(2026, 10, 20, 12, 0, 0, 123), actor: "ada", admin: true, trusted: true }]);
    expect(line).toContain(`"${events[0]?.kind}"`);
  }
});

test("long and short form say the same", () => {
  const [long, short] = blocks("json").map((line) => tellLines(line)[0]);
  expect({ ...long, text: "" }).toEqual({ ...short, text: "" });
});

test("its names of actions are understood", () => {
  const rows = [...document.matchAll(/^\| (`[a-z-]+`(?:, `[a-z-]+`)?) \| (.*)\|$/gm)].filter((row) =>
    /^`(?:auth|password|user-c|row|migration|override)/.test(row[1] ?? ""),
  );
  expect(rows.length).toBe(7);
  for (const [, kind = "", names = ""] of rows) {
    for (const [, name] of `${kind}, ${names}`.matchAll(/`([^`]+)`/g)) {
      const found = tellLines(JSON.stringify({ event: name, user: "x" }));
      expect(
        found.map((event) => event.kind),
        name,
      ).toEqual([expect.stringMatching(kind.split("`")[1]?.replace(/-on$/, "-o[nf]") ?? "")]);
    }
  }
});

test("its configuration is valid and reads the line that it maps", () => {
  const { apps } = parseConfig({ clusters: [{ id: "app-prod", region: "eu-west-1", database: "app" }], ...parse(blocks("yaml")[0] ?? "") });
  expect(tellLines("GONE basket x7 by eve @203.0.113.9", readerOptions(apps[0]))).toMatchObject([
    { kind: "row-deleted", rows: 7, actor: "eve" },
  ]);
});

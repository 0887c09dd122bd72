/** Real logs whose alerts were worked out by brute force from labels: the same must come out of lines, readers, windows and rules. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Alert, parseConfig } from "../domain/index.ts";
import { createDetector } from "./detector.ts";
import type { Event } from "./event.ts";
import { openReader } from "./reader.ts";
import { rulesInForce } from "./rules-in-force.ts";

const CORPORA = process.env.HOLDFAST_CORPORA;
/** The labels cover these; other rules may find more. */
const LABELLED = ["mass-password-reset", "bulk-user-creation", "bulk-deletion", "repeated-auth-failure"];

interface Expected {
  readonly rule: string;
  readonly key: string;
  readonly first_line: number;
  readonly crossing_line: number;
}

const names = CORPORA === undefined ? [] : readdirSync(CORPORA).flatMap((file) => /^(.+)\.labels\.json$/.exec(file)?.[1] ?? []);

function eventsOf(name: string): Event[] {
  const reader = openReader({
    source: name,
    format: "auto",
    timezone: null,
    reference: Date.UTC(2026, 10, 25),
    admin: { actors: [], paths: [] },
    // The labels take the override in the plain text for true.
    overridesFrom: [name],
  });
  const lines = readFileSync(join(CORPORA ?? "", `${name}.log`), "utf8").split("\n");
  const read = lines.flatMap((text, index) => reader.read({ text, source: name, number: index + 1, stamp: null }));
  return [...read, ...reader.flush()];
}

function alertsOf(events: readonly Event[], rules = rulesInForce()): readonly Alert[] {
  const detector = createDetector(rules, {
    app: null,
    cluster: null,
    show: (text) => text,
    lateness: 60_000,
    longestOverride: 8 * 3_600_000,
    maxKeys: 100_000,
  });
  const told = [...detector.push(events), ...detector.advance(Number.MAX_SAFE_INTEGER)];
  return told.filter((alert) => alert.transition === "ended" && alert.withdrawn === undefined && alert.hiddenBy === null);
}

describe.skipIf(CORPORA === undefined)("labelled logs (HOLDFAST_CORPORA names their folder)", () => {
  test.each(names)("%s: the alerts that its labels come to, crossing at the same lines", (name) => {
    const labels = JSON.parse(readFileSync(join(CORPORA ?? "", `${name}.labels.json`), "utf8")) as { expected_alerts: Expected[] }; // the corpora's README fixes this shape
    const found = alertsOf(eventsOf(name)).filter((alert) => LABELLED.includes(alert.rule));
    const shape = (rule: string, key: string, line: number) => `${rule} ${key} at line ${line}`;
    expect(found.map((alert) => shape(alert.rule, alert.key, alert.line)).sort()).toEqual(
      labels.expected_alerts.map((each) => shape(each.rule, each.key, each.crossing_line)).sort(),
    );
  });

  test.each([
    [5, "60s", 11, "07:13:56"],
    [10, "300s", 6, "07:28:14"],
  ])("a real attack on sshd: %i in %s by %i addresses, the first at %s", (threshold, within, addresses, first) => {
    const { rules } = parseConfig({
      clusters: [{ id: "app-prod", region: "eu-west-1", database: "app" }],
      rules: { "repeated-auth-failure": { threshold, within } },
    });
    const found = alertsOf(eventsOf("OpenSSH_2k"), rulesInForce({ rules, maintenance: [] })).filter(
      (alert) => alert.rule === "repeated-auth-failure",
    );
    expect(new Set(found.map((alert) => alert.key)).size).toBe(addresses);
    expect(found.map((alert) => alert.openedAt).sort()[0]).toContain(`T${first}`);
  });
});

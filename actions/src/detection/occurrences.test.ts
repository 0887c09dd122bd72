import { expect, test } from "vitest";
import type { EventKind } from "../domain/index.ts";
import { type Sighting, sighting, type Teller } from "./formats/format.ts";
import { openOccurrences } from "./occurrences.ts";

const told = (teller: Teller, more: Partial<Sighting> = {}, kind: EventKind = "auth-failed") =>
  sighting(kind, teller, { ip: "203.0.113.9", ...more });

test("application and access log tell one failed login, in either order", () => {
  for (const [first, second] of [
    ["application", "access"],
    ["access", "application"],
  ] as const) {
    const occurrences = openOccurrences();
    expect(occurrences.see(told(first), 1_000)).toBe(true);
    expect(occurrences.see(told(second), 1_900)).toBe(false);
  }
});

test("what the same teller says twice happened twice, and each takes one line of the other", () => {
  const occurrences = openOccurrences();
  const seen = ["application", "application", "access", "access", "access"].map((teller) => occurrences.see(told(teller as Teller), 1_000)); // names of tellers
  expect(seen).toEqual([true, true, false, false, true]);
});

test("the same address is the better match; another one only at the same moment, as behind a proxy", () => {
  const occurrences = openOccurrences();
  occurrences.see(told("application", { ip: "203.0.113.1" }), 1_000);
  occurrences.see(told("application", { ip: "203.0.113.2" }), 1_000);
  expect(occurrences.see(told("access", { ip: "203.0.113.2" }), 2_000)).toBe(false);
  expect(occurrences.see(told("access", { ip: "10.0.0.1" }), 2_000)).toBe(false);
  occurrences.see(told("application", { ip: "203.0.113.3" }), 10_000);
  expect(occurrences.see(told("access", { ip: "10.0.0.1" }), 12_500)).toBe(true);
});

test("lines of one request belong together however far apart, those of two requests never", () => {
  const occurrences = openOccurrences();
  occurrences.see(told("application", { request: "a" }), 1_000);
  expect(occurrences.see(told("access", { request: "b" }), 1_000)).toBe(true);
  expect(occurrences.see(told("access", { request: "a" }), 60_000)).toBe(false);
});

test("a deletion that met no row takes its access line back", () => {
  const occurrences = openOccurrences();
  expect(occurrences.see(told("application", { happened: false }, "row-deleted"), 1_000)).toBe(false);
  expect(occurrences.see(told("access", {}, "row-deleted"), 1_200)).toBe(false);
  expect(occurrences.see(told("access", {}, "row-deleted"), 1_200)).toBe(true);
});

test("a database tells an application's deletion again, but its unfiltered statement stands for itself", () => {
  const occurrences = openOccurrences();
  occurrences.see(told("application", { table: "order" }, "row-deleted"), 1_000);
  expect(occurrences.see(told("database", { table: "public.orders", ip: "10.0.0.5" }, "row-deleted"), 1_100)).toBe(false);
  expect(occurrences.see(told("database", { table: "invoices", ip: "10.0.0.5" }, "row-deleted"), 1_100)).toBe(true);
  occurrences.see(told("application", { table: "order" }, "row-deleted"), 5_000);
  expect(occurrences.see(told("database", { table: "orders", destructive: true }, "row-deleted"), 5_100)).toBe(true);
});

test("what was written down goes on where it stopped", () => {
  const before = openOccurrences();
  before.see(told("application"), 1_000);
  const after = openOccurrences(JSON.parse(JSON.stringify(before.state())));
  expect(after.see(told("access"), 1_000)).toBe(false);
  expect(after.see(told("access"), 1_000)).toBe(true);
});

test("memory is bounded: what is long past is forgotten", () => {
  const occurrences = openOccurrences();
  for (let index = 0; index < 20_000; index++) occurrences.see(told("application"), index * 10_000);
  expect(occurrences.state().length).toBeLessThanOrEqual(4_096);
  expect(occurrences.see(told("access"), 0)).toBe(true);
});

import { parseConfig } from "@holdfast/actions/domain";
import { expect, test } from "vitest";
import { drillHistory } from "./drill-history.ts";
import { draft, ledgerOf } from "./sample-ledger.ts";

const [cluster] = parseConfig({ clusters: [{ id: "app-prod", region: "eu-west-1", database: "app" }] }).clusters;
const NOW = new Date("2026-11-24T12:00:00Z");
const at = (time: string) => `2026-11-${time}.000Z`;
const idOf = (letter: string) => `${letter}f0e1c52-6d0b-4b7e-9d53-0f2a4c1be871`;
const [A, B, C] = [idOf("a"), idOf("b"), idOf("c")] as const;

test("each tier has its drills, newest first, with what they measured; one that failed says why and measures nothing", () => {
  if (cluster === undefined) throw new Error("the configuration has a cluster");
  const entries = ledgerOf([
    draft("snapshot.completed", at("23T03:17:00"), { step: "s", data: { snapshot: "snap", takenAt: at("23T03:17:00") } }),
    draft("drill.requested", at("23T05:17:00"), { id: A, data: { tier: "snapshot", point: { snapshot: "snap" } } }),
    draft("drill.completed", at("23T05:47:00"), { id: A, data: { tier: "snapshot", durationSeconds: 1800 } }),
    draft("drill.requested", at("24T05:17:00"), { id: B, data: { tier: "snapshot", point: { snapshot: "gone" } } }),
    draft("drill.failed", at("24T05:18:00"), { id: B, data: { problem: "A check did not hold." } }),
    draft("drill.requested", at("24T06:00:00"), { id: C, data: { tier: "continuous", point: { time: at("24T05:58:00") } } }),
  ]).flat();
  const [snapshot, continuous] = drillHistory(cluster, entries, null, NOW);
  expect(snapshot?.drills).toMatchObject([
    { requestId: B, result: "failed", rtoMs: null, rpoMs: null, problem: "A check did not hold." },
    { requestId: A, result: "passed", rtoMs: 1_800_000, rpoMs: 2 * 3_600_000, problem: null },
  ]);
  expect(snapshot).toMatchObject({ lastPassed: { requestId: A }, targets: { rtoMs: 3_600_000, rpoMs: 86_400_000 }, rpoNowMs: null });
  expect(continuous?.drills).toMatchObject([{ requestId: C, result: "unfinished", rpoMs: 120_000 }]);
});

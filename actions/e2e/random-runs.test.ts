import { expect, test } from "vitest";
import { runRandomly } from "./random-runs.ts";

const RUNS = 25;

test(`${RUNS} runs of snapshot and restore, each with a random fault or kill: nothing doubled, nothing lost, every end explained`, async () => {
  const seed = Math.floor(Math.random() * 1_000_000);
  const told: string[] = [];
  const { runs, broken, ends } = await runRandomly(RUNS, seed, Number.POSITIVE_INFINITY, (line) => told.push(line));
  expect(broken, `seed ${seed}; ${told.join("\n")}`).toEqual([]);
  expect(ends["at-once"] + ends["when-asked-again"] + ends.explained).toBe(runs);
}, 900_000);

import { expect, test } from "vitest";
import { delayAnswer } from "./delay-answer.ts";

test("answers that were asked for together come in another order", async () => {
  const asked = Array.from({ length: 50 }, (_, at) => at);
  const came: number[] = [];
  await Promise.all(asked.map((at) => delayAnswer(20).then(() => came.push(at))));
  expect(came.toSorted((a, b) => a - b)).toEqual(asked);
  expect(came).not.toEqual(asked);
});

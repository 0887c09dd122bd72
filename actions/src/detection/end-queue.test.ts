import fc from "fast-check";
import { expect, test } from "vitest";
import { EndQueue } from "./end-queue.ts";
import type { LiveAlert } from "./series.ts";

function alert(id: string, end: number): LiveAlert {
  const crossing = { at: 0, weight: 1, source: "app", line: 1, coverable: false, text: null, shown: true };
  const episode = { openedAt: 0, firstAt: 0, lastAt: 0, end, crossing };
  return { id, anchor: 0, episode, hiddenBy: null, toldAt: 0, forgotten: 0, excerpt: [], over: false };
}

test("alerts leave in the order of their ends, however often these move", () => {
  const ends = fc.array(fc.tuple(fc.nat(50), fc.nat(50), fc.boolean()), { maxLength: 40 });
  fc.assert(
    fc.property(ends, (list) => {
      const queue = new EndQueue();
      const alerts = list.map(([end], index) => alert(String(index).padStart(2, "0"), end));
      for (const each of alerts) queue.add(each);
      for (const [index, [, more, over]] of list.entries()) {
        const each = alerts[index];
        if (each === undefined) continue;
        each.episode.end += more;
        each.over = over;
      }
      const left: string[] = [];
      for (let next = queue.next(1_000); next !== null; next = queue.next(1_000)) left.push(next.id);
      const expected = alerts.filter((each) => !each.over).sort((a, b) => a.episode.end - b.episode.end || (a.id < b.id ? -1 : 1));
      expect(left).toEqual(expected.map((each) => each.id));
    }),
  );
});

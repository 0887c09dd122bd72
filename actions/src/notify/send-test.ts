import type { Notice } from "./notice.ts";
import type { Channels } from "./notifier.ts";
import { destinationsOf, type Route } from "./routes.ts";

export interface TestResult {
  readonly destination: string;
  /** Null where it arrived. */
  readonly problem: string | null;
}

/** Sends a notice that says it is a test to everyone whom the routes name, by every way there is to them; nothing is kept or tried again. */
export async function sendTest(routes: readonly Route[], channels: Channels, now: number): Promise<readonly TestResult[]> {
  const ways = destinationsOf(routes).flatMap((destination) => {
    const fallback = channels.fallbackOf(destination);
    return [
      { destination: destination.id, channel: channels.of(destination) },
      ...(fallback === null ? [] : [{ destination: `${destination.id} (fallback)`, channel: fallback }]),
    ];
  });
  return Promise.all(
    ways.map(async ({ destination, channel }) => {
      const delivery = await channel.send(testNotice(now), { instead: "This is a test of the way to you. Nothing has happened." });
      return { destination, problem: delivery.delivered ? null : delivery.problem };
    }),
  );
}

function testNotice(now: number): Notice {
  return {
    id: `test.${now.toString(36)}`,
    severity: "LOW",
    at: new Date(now).toISOString(),
    after: null,
    sections: [],
    bills: [],
    head: null,
  };
}

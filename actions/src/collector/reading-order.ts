/** Which sources may still bring older lines than the others of their app, and which are not read on until those have been heard. */
import type { Source } from "./source.ts";

export interface ReadingOrder {
  begin(source: Source): void;
  arrived(source: Source, next: () => void): void;
  /** Nobody waits for this one any more. */
  settle(source: Source): void;
  behind(app: string | null): ReadonlySet<string>;
  isBehind(): boolean;
  /** Apps of which a source has settled since last asked, by itself or because it was given its time. */
  takeSettled(): readonly (string | null)[];
  /** Lets those be read on of which nothing waits. */
  goOn(waits: (source: Source) => boolean): void;
  apps(): readonly (string | null)[];
}

// A source that was asked and says nothing for this long has nothing old to say.
export const SETTLE_MS = 1_000;
// A source with so much to catch up on that this is not enough makes alerts of its app wait no longer: what it brings is then counted as late.
const LONGEST_MS = 30_000;

interface Behind {
  readonly app: string | null;
  readonly since: number;
  askedAt: number;
}

/** `several`: sources are found in several places, some sooner than others, so the first of them wait a moment for the rest. */
export function openReadingOrder(now: () => number, several: boolean): ReadingOrder {
  const behind = new Map<string, Behind>();
  const apps = new Set<string | null>();
  let held: { readonly source: Source; readonly next: () => void }[] = [];
  let settled = new Set<string | null>();

  const settle = (key: string): void => {
    const app = behind.get(key)?.app;
    if (app === undefined) return;
    behind.delete(key);
    settled.add(app);
  };
  const others = (app: string | null): string => `the others of ${app}`;

  return {
    begin({ key, app }) {
      if (several && !apps.has(app)) behind.set(others(app), { app, since: now(), askedAt: now() });
      apps.add(app);
      behind.set(key, { app, since: now(), askedAt: now() });
    },
    arrived(source, next) {
      held.push({ source, next });
    },
    settle: ({ key }) => settle(key),
    behind: (app) => new Set([...behind].flatMap(([key, each]) => (each.app === app ? [key] : []))),
    isBehind: () => behind.size > 0,
    takeSettled() {
      for (const [key, { since, askedAt }] of [...behind]) {
        const silent = now() - askedAt >= SETTLE_MS && !held.some(({ source }) => source.key === key);
        if (silent || now() - since >= LONGEST_MS) settle(key);
      }
      const all = [...settled];
      settled = new Set();
      return all;
    },
    goOn(waits) {
      const reading = held.filter(({ source }) => !waits(source));
      held = held.filter(({ source }) => waits(source));
      for (const { source, next } of reading) {
        const each = behind.get(source.key);
        if (each !== undefined) each.askedAt = now();
        next();
      }
    },
    apps: () => [...apps],
  };
}

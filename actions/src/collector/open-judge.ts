/**
 * Detection as the collector runs it: a reader a source, a detector and a memory of occurrences an app. That memory is too large to be written
 * down at every alert, so what changes it is: a new process is brought to the same memory by the same changes in the same order.
 */
import { createDetector, type Declared, type Detector } from "../detection/detector.ts";
import { readDetectorState } from "../detection/detector-state.ts";
import type { Event, FirstTold } from "../detection/event.ts";
import type { Sighting } from "../detection/formats/format.ts";
import { type Occurrence, type Occurrences, openOccurrences } from "../detection/occurrences.ts";
import { openReader, type Reader, type ReaderState } from "../detection/reader.ts";
import { readerOptions } from "../detection/reader-options.ts";
import { rulesInForce } from "../detection/rules-in-force.ts";
import { type Alert, type Config, durationMs, excerptOf, hashedKey, type Privacy } from "../domain/index.ts";
import { type CatchUp, openCatchUp } from "./catch-up.ts";
import type { Judge, Judged, JudgeMemory, Told } from "./judge.ts";

/** What changed an app's memory; `app` is null for logs that are no app's. */
type Input = { readonly app: string | null } & (
  | { readonly seen: Sighting; readonly at: number | null; readonly told?: FirstTold | undefined }
  | { readonly events: readonly Event[]; readonly now: number }
  | { readonly advance: number }
  | { readonly declare: Declared }
);

interface AppState {
  readonly app: string | null;
  readonly detector: unknown;
  readonly occurrences: readonly Occurrence[];
}

interface SourceState {
  readonly app: string | null;
  readonly reader: ReaderState | null;
  /** Events that were read and wait for older ones of other sources. */
  readonly waiting: readonly Event[];
}

interface AppMemory {
  readonly waiting: CatchUp;
  readonly detector: Detector;
  readonly occurrences: Occurrences;
}

// A replay of a flood of distinct addresses took 225 MiB at this many keys a rule; a collector keeps the same windows.
const MAX_KEYS = 30_000;
const LATENESS_MS = 60_000;

type JudgeConfig = Pick<Config, "apps" | "rules" | "maintenance" | "suppressions"> & { readonly privacy: Privacy };

export function openJudge(config: JudgeConfig, now: () => number, { state, inputs, sources: remembered }: JudgeMemory): Judge {
  const rules = rulesInForce(config);
  const longestOverride = durationMs(config.suppressions.override);
  const memories = new Map<string | null, AppMemory>();
  const readers = new Map<string, Reader>();
  const sources = new Map(Object.entries(ownWriting<Readonly<Record<string, SourceState>>>(remembered)));
  let changes: Input[] = [];
  let touched = new Set<string>();

  const openMemory = (name: string | null, from: AppState | null): AppMemory => {
    const app = config.apps.find((each) => each.name === name);
    const options = {
      app: name,
      cluster: app?.cluster ?? null,
      show: excerptOf,
      discreet: (key: string) => hashedKey(key, config.privacy, name),
      lateness: app === undefined ? LATENESS_MS : durationMs(app.lateness),
      longestOverride,
      maxKeys: MAX_KEYS,
    };
    const detector = from === null ? createDetector(rules, options) : createDetector(rules, options, readDetectorState(from.detector));
    const memory = { detector, occurrences: openOccurrences(from?.occurrences ?? []), waiting: openCatchUp() };
    memories.set(name, memory);
    return memory;
  };
  const memoryOf = (app: string | null): AppMemory => memories.get(app) ?? openMemory(app, null);

  const change = (input: Input): readonly Alert[] => {
    changes.push(input);
    return apply(memoryOf(input.app), input);
  };

  const readerOf = (source: Told): Reader => {
    const known = readers.get(source.key);
    if (known !== undefined) return known;
    const app = config.apps.find((each) => each.name === source.app);
    const state = sources.get(source.key)?.reader ?? null;
    const reader = openReader({
      source: source.name,
      ...readerOptions(app),
      // Some formats write no year.
      reference: now(),
      occurrences: {
        see: (seen, at, told) => {
          changes.push({ app: source.app, seen, at, told });
          return memoryOf(source.app).occurrences.see(seen, at, told);
        },
        state: () => memoryOf(source.app).occurrences.state(),
      },
      ...(state === null ? {} : { state }),
    });
    readers.set(source.key, reader);
    return reader;
  };

  const push = (app: string | null, now: number, behind: ReadonlySet<string>): readonly Alert[] => {
    const { waiting } = memoryOf(app);
    const events = waiting.take(behind);
    for (const [key, source] of sources) {
      const left = waiting.waiting(key);
      if (source.app !== app || left.length === source.waiting.length) continue;
      sources.set(key, { ...source, waiting: [...left] });
      touched.add(key);
    }
    return events.length === 0 ? [] : change({ app, events, now });
  };

  const judge = (source: Told, now: number, behind: ReadonlySet<string>, read: (reader: Reader) => readonly Event[]): Judged => {
    const reader = readerOf(source);
    const { unreadable } = reader.counts();
    const events = read(reader);
    const { detector, waiting } = memoryOf(source.app);
    const before = detector.counts();
    waiting.add(source.key, events);
    sources.set(source.key, { app: source.app, reader: null, waiting: [...waiting.waiting(source.key)] });
    touched.add(source.key);
    const alerts = push(source.app, now, behind);
    const after = detector.counts();
    return {
      events,
      alerts,
      unreadable: reader.counts().unreadable - unreadable,
      late: after.late - before.late,
      dropped: total(after.dropped) - total(before.dropped),
    };
  };

  for (const each of ownWriting<readonly AppState[]>(state ?? [])) openMemory(each.app, each);
  // What the detector says now was said then: the journal has it.
  for (const input of ownWriting<readonly Input[]>(inputs)) apply(memoryOf(input.app), input);
  for (const { name } of config.apps) memoryOf(name);
  for (const [key, { app, waiting }] of sources) memoryOf(app).waiting.add(key, waiting);

  return {
    take: (source, lines, now, behind) => judge(source, now, behind, (reader) => lines.flatMap((line) => reader.read(line))),
    flush: (source, now, behind) => judge(source, now, behind, (reader) => reader.flush()),
    release: push,
    waiting: (source) => memoryOf(source.app).waiting.waiting(source.key).length,
    takeTouched() {
      const keys = touched;
      touched = new Set();
      return keys;
    },
    advance: (now) => [...memories.keys()].flatMap((app) => change({ app, advance: now })),
    declare: (declared) => [...memories.keys()].flatMap((app) => change({ app, declare: declared })),
    sourceState(key) {
      const source = sources.get(key);
      const reader = readers.get(key)?.state() ?? source?.reader ?? null;
      return source === undefined ? null : ({ ...source, reader } satisfies SourceState);
    },
    forget(source) {
      readers.delete(source.key);
      sources.delete(source.key);
    },
    takeInputs() {
      const taken = changes;
      changes = [];
      return taken;
    },
    state: () =>
      [...memories].map(
        ([app, { detector, occurrences }]): AppState => ({ app, detector: detector.state(), occurrences: occurrences.state() }),
      ),
  };
}

function apply({ detector, occurrences }: AppMemory, input: Input): readonly Alert[] {
  if ("events" in input) return detector.push(input.events, input.now);
  if ("advance" in input) return detector.advance(input.advance);
  if ("declare" in input) return detector.declare(input.declare);
  occurrences.see(input.seen, input.at, input.told);
  return [];
}

/** What this program wrote into its own journal, which is cut at its last whole line, comes back as it was. */
function ownWriting<Content>(value: unknown): Content {
  return value as Content;
}

function total(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** Writes the logs that a replay is measured with: the same seed makes the same file. */
import { closeSync, openSync, writeSync } from "node:fs";
import { incidents } from "./incidents.ts";
import { addressOf, type Draw, decoy, drawFrom, noise, TELLING } from "./log-lines.ts";

const START = Date.UTC(2026, 2, 2);
const HOUR = 3_600_000;
// A week, however many lines: windows see as many events an hour as a log of that size has.
const SPAN = 7 * 24 * HOUR;
const INCIDENTS = 18;
const BATCH = 10_000;

/** The alerts that must come out of it, sorted. */
export function writeLog(path: string, lines: number, seed: number): readonly string[] {
  const draw = drawFrom(seed);
  const planted = incidents(
    // Ten minutes past an hour, away from what happens on the hour and on the half.
    Array.from({ length: INCIDENTS }, (_, index) => START + (8 + index * 8) * HOUR + HOUR / 6),
    draw,
  );
  const due = [...planted.flatMap((incident) => incident.lines), ...ordinary(draw)].sort((a, b) => a.at - b.at);
  const free = lines - due.length;
  const file = openSync(path, "w");
  try {
    let batch: string[] = [];
    const put = (line: string): void => {
      batch.push(line);
      if (batch.length < BATCH) return;
      writeSync(file, `${batch.join("\n")}\n`);
      batch = [];
    };
    let next = 0;
    for (let index = 0; index < free; index++) {
      const at = START + Math.floor((index * SPAN) / free);
      for (let each = due[next]; each !== undefined && each.at <= at; each = due[++next]) put(each.line);
      const kind = draw(1000);
      put(kind < 10 ? attempt(at, draw) : kind < 50 ? decoy(at, draw) : noise(at, draw));
    }
    for (const each of due.slice(next)) put(each.line);
    if (batch.length > 0) writeSync(file, `${batch.join("\n")}\n`);
  } finally {
    closeSync(file);
  }
  return planted.flatMap(({ alert }) => alert ?? []).sort();
}

/** One failure an address and a name: a log of the worst a detector can meet, because every line matters and every key is new. */
export function writeFlood(path: string, lines: number): void {
  const file = openSync(path, "w");
  try {
    for (let from = 0; from < lines; from += BATCH) {
      const batch = Array.from({ length: Math.min(BATCH, lines - from) }, (_, offset) => {
        const number = from + offset;
        const address = `${20 + (number >>> 24)}.${(number >>> 16) & 255}.${(number >>> 8) & 255}.${number & 255}`;
        return TELLING.failedInFlask(START + Math.floor(number / 2), `user-${number}`, address);
      });
      writeSync(file, `${batch.join("\n")}\n`);
    }
  } finally {
    closeSync(file);
  }
}

function attempt(at: number, draw: Draw): string {
  const address = addressOf(draw(0x1fe00));
  const who = `user-${draw(200_000)}`;
  const kind = draw(3);
  if (kind === 0) return TELLING.failedInFlask(at, who, address);
  return kind === 1 ? TELLING.failedInSpring(at, who, address) : TELLING.refused(at, address);
}

/** Changes that nobody should hear of: one of each kind on the hour and on the half. */
function ordinary(draw: Draw) {
  return Array.from({ length: SPAN / HOUR }, (_, hour) => [START + hour * HOUR, START + hour * HOUR + HOUR / 2]).flatMap(
    ([hour = 0, half = 0]) => [
      { at: hour, line: TELLING.passwordChanged(hour, "'clerk'", `user-${draw(200_000)}`) },
      { at: half, line: TELLING.userCreated(half, "admin 'ada'", `user-${draw(200_000)}`) },
      { at: half, line: TELLING.orderDeleted(half, "'clerk'", draw(1_000_000)) },
    ],
  );
}

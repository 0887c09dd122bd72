/**
 * Python's logging in the layouts that are met most: Flask's default, `basicConfig` with and without a time, Django's, loguru's and structlog's
 * console. The layout is a team's choice, so the head is read part by part: time, level, logger, message, in any of the usual orders.
 */
import { type ClockAt, readIso } from "../grammar/clock.ts";
import { type Format, reading } from "./format.ts";
import { MESSAGE_CLUES, tellMessage } from "./messages.ts";

const LEVEL = "(?:DEBUG|INFO|WARNING|WARN|ERROR|CRITICAL|FATAL|NOTICE|SUCCESS|TRACE|debug|info|warning|error|critical)";
// After a time. Flask: `] INFO in portal: `; common: ` INFO [portal] `, ` - portal - INFO - `, ` INFO portal: `, `[INFO] portal: `; loguru: ` | INFO     | a:b:1 - `; structlog: ` [info     ] `.
const AFTER_TIME = [
  new RegExp(`^\\]? (?:\\[\\d{1,10}\\] )?\\[?${LEVEL}\\]? in ([\\w.-]{1,80}): `),
  new RegExp(`^ \\| ${LEVEL} {0,8}\\| ([\\w.<>-]{1,200}):[\\w.<>]{1,100}:\\d{1,7} - `),
  new RegExp(`^ - ([\\w.-]{1,80}) - ${LEVEL} - `),
  new RegExp(`^ - ${LEVEL} - ([\\w.-]{1,80}) - `),
  new RegExp(`^ - ${LEVEL} - `),
  new RegExp(`^\\]? \\[?${LEVEL} {0,8}\\]? \\[([\\w.-]{1,80})(?::\\d{1,6})?\\](?: \\[[^\\]]{0,80}\\])?:? `),
  new RegExp(`^\\]? \\[${LEVEL} {0,8}\\] ([\\w.-]{1,80}): `),
  new RegExp(`^\\]? \\[${LEVEL} {0,8}\\]:? `),
  new RegExp(`^\\]? ${LEVEL} {1,8}([\\w.-]{1,80}) (?:\\d{1,10} \\d{1,20} |: |- )`),
  new RegExp(`^\\]? ${LEVEL} {1,8}([\\w]{1,40}(?:\\.[\\w]{1,40}){0,8}): `),
  new RegExp(`^\\]? ([\\w.-]{1,80}) ${LEVEL}:? `),
  new RegExp(`^\\]? ${LEVEL}(?: {1,8}|: )`),
];
// Without a time. basicConfig: `WARNING:root:`; Alembic's and many others: `INFO  [name] `; `INFO in app: `; Django's simple: `WARNING `.
const WITHOUT_TIME = [
  new RegExp(`^${LEVEL}:([\\w.-]{1,80}):`),
  new RegExp(`^${LEVEL} {0,8}\\[([\\w.-]{1,80})\\] `),
  new RegExp(`^${LEVEL} in ([\\w.-]{1,80}): `),
  new RegExp(`^\\[${LEVEL} {0,8}\\] (?:([\\w.-]{1,80}): )?`),
];
const FIRST = /^[[A-Za-z\d]/;

export const python: Format = {
  name: "python",
  clues: MESSAGE_CLUES,
  read(text, memory) {
    if (!FIRST.test(text)) return null;
    const bracketed = text.charCodeAt(0) === 0x5b;
    const clock = readIso(text, bracketed ? 1 : 0);
    const rest = clock === null ? text : text.slice(clock.end);
    for (const head of clock === null ? WITHOUT_TIME : AFTER_TIME) {
      const match = head.exec(rest);
      if (match !== null) return told(clock, match[1] ?? null, rest.slice(match[0].length), memory);
    }
    return null;
  },
};

function told(clock: ClockAt | null, logger: string | null, message: string, memory: Parameters<Format["read"]>[1]) {
  // Everything after the first line is a traceback or what a user wrote.
  const end = message.indexOf("\n");
  return reading(clock, tellMessage({ logger, message: end === -1 ? message : message.slice(0, end) }, memory), { logger });
}

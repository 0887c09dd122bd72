/**
 * Spring Boot's console, 2.x to 4.x: `2025-11-10T07:00:02.438Z  INFO 1 --- [billing] [           main] o.f.core.internal.command.DbMigrate      : Migrating …`. The
 * parts in brackets came one by one and any may be missing; teams put text of their own before the level.
 */
import { readIso } from "../grammar/clock.ts";
import { type Format, NOTHING, reading } from "./format.ts";
import { MESSAGE_CLUES, tellMessage } from "./messages.ts";

const HEAD =
  /^ {1,2}(?:\S{1,80} ){0,3}? {0,2}(?:TRACE|DEBUG|INFO|WARN|ERROR) {1,2}(?:\d{1,10})? ?--- (?:\[[^\]]{0,80}\] ){1,4}([\w.$[\]/*-]{1,80}) {0,40} ?: ?/;

export const spring: Format = {
  name: "spring",
  clues: MESSAGE_CLUES,
  read(text, memory) {
    const clock = readIso(text, 0);
    if (clock === null || text.indexOf(" --- [", clock.end) === -1) return null;
    const rest = text.slice(clock.end);
    const head = HEAD.exec(rest);
    if (head === null) return null;
    const logger = head[1] ?? null;
    const message = rest.slice(head[0].length);
    // Formatted SQL begins on the next line.
    if (message.trim() === "") return reading(clock, NOTHING, { waits: true, logger });
    return reading(clock, tellMessage({ logger, message: message.trimStart() }, memory), { logger });
  },
};

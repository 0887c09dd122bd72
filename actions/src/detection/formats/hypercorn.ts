/**
 * hypercorn: its error log's head before an access line, `[2026-11-20 12:05:27 +0000] [31899] [INFO] 10.20.0.5:4711 - - [20/Nov/2026:12:05:27 +0000] "POST
 * /login 1.1" 401 2 "-" "curl"`. It writes the decoded path: a client can begin lines of its own, so nothing here is trusted.
 */
import { readIso } from "../grammar/clock.ts";
import { REQUEST_CLUES } from "../grammar/request.ts";
import { endOfRequest } from "./access.ts";
import { splitRequestLine, tellAccess } from "./access-line.ts";
import { type Format, NOTHING, reading } from "./format.ts";

const HEAD = /^\] \[\d{1,10}\] \[[A-Z]{4,8}\] (\S{2,80}) (?:\S{1,80}) (?:\S{1,80}) \[[^\]]{10,40}\] "/;

export const hypercorn: Format = {
  name: "hypercorn",
  clues: REQUEST_CLUES,
  read(text) {
    if (text.charCodeAt(0) !== 0x5b) return null;
    const clock = readIso(text, 1);
    if (clock === null) return null;
    const rest = text.slice(clock.end);
    const head = HEAD.exec(rest);
    if (head === null) return null;
    const end = endOfRequest(rest, head[0].length);
    const line = end === -1 ? null : splitRequestLine(rest.slice(head[0].length, end));
    if (line === null) return reading(clock, NOTHING);
    return reading(
      clock,
      tellAccess({ address: head[1] ?? "", request: { ...line, status: Number(rest.slice(end + 2, end + 5)), user: null } }),
    );
  },
};

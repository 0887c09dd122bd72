/**
 * Common and combined access logs, as gunicorn, nginx, Tomcat and Apache write them:
 * `203.0.113.9 - bob [20/Nov/2026:12:29:43 +0000] "POST /login HTTP/1.1" 401 28 "-" "curl/7.88.1"`.
 */
import { readHttpDate } from "../grammar/clock.ts";
import { REQUEST_CLUES } from "../grammar/request.ts";
import { splitRequestLine, tellAccess } from "./access-line.ts";
import { type Format, NOTHING, reading } from "./format.ts";

// User names hold no spaces in practice; an address list of a proxy may stand in front.
const HEAD = /^(\S{2,200}) (?:\S{1,80}) (.{1,128}?) \[$/;
const STATUS = /^ (\d{3}|-)(?: |$)/;

export const access: Format = {
  name: "access",
  clues: REQUEST_CLUES,
  read(text) {
    const bracket = text.indexOf(" [");
    if (bracket < 5 || bracket > 400 || text.charCodeAt(0) === 0x5b) return null;
    const clock = readHttpDate(text, bracket + 2);
    if (clock === null || clock.zone !== "offset" || text.charCodeAt(clock.end) !== 0x5d || !text.startsWith(' "', clock.end + 1))
      return null;
    const head = HEAD.exec(text.slice(0, bracket + 2));
    if (head === null) return null;
    const start = clock.end + 3;
    const end = endOfRequest(text, start);
    const status = end === -1 ? null : STATUS.exec(text.slice(end + 1, end + 8));
    const line = end === -1 ? null : splitRequestLine(text.slice(start, end));
    if (status === null || line === null) return text.includes("\u001b") ? null : reading(clock, NOTHING);
    const user = head[2] === "-" ? null : (head[2] ?? null);
    return reading(clock, tellAccess({ address: head[1] ?? "", request: { ...line, status: Number(status[1]), user } }));
  },
};

/** The quote that ends the request: one that a status follows; a client's own is escaped, or is followed by something else. */
export function endOfRequest(text: string, start: number): number {
  let end = text.indexOf('"', start);
  while (end !== -1 && end - start < 8_192 && !/^" (?:\d{3}|-)(?: |$)/.test(text.slice(end, end + 6))) end = text.indexOf('"', end + 1);
  return end;
}

/** Werkzeug's development server: `203.0.113.12 - - [03/Nov/2025 08:04:49] "POST /login HTTP/1.1" 401 -`. */
import { readHttpDate } from "../grammar/clock.ts";
import { REQUEST_CLUES } from "../grammar/request.ts";
import { splitRequestLine, tellAccess } from "./access-line.ts";
import { type Format, NOTHING, reading } from "./format.ts";

const TAIL = /^\] "(.{0,8192})" (\d{3}|-) -$/;

export const werkzeug: Format = {
  name: "werkzeug",
  clues: REQUEST_CLUES,
  read(text) {
    const bracket = text.indexOf(" - - [");
    if (bracket < 2 || bracket > 60) return null;
    const clock = readHttpDate(text, bracket + 6);
    // Servers behind which it is modelled have a zone here.
    if (clock === null || clock.zone !== "local") return null;
    const tail = TAIL.exec(text.slice(clock.end));
    if (tail === null) return reading(clock, NOTHING);
    const line = splitRequestLine(tail[1] ?? "");
    if (line === null) return tail[1]?.includes("\u001b") ? null : reading(clock, NOTHING);
    const request = { ...line, status: Number(tail[2]), user: null };
    return reading(clock, tellAccess({ address: text.slice(0, bracket), request }));
  },
};

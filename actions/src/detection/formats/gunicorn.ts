/**
 * gunicorn's error log, `[2025-11-03 08:00:00 +0000] [29424] [INFO] Booting worker with pid: 29424`, which tells nothing of interest but whose
 * lines stand between an application's, and its access log in a format of a team's own.
 */
import { clue } from "../clue.ts";
import { type Clock, readHttpDate, readIso } from "../grammar/clock.ts";
import { splitRequestLine, tellAccess } from "./access-line.ts";
import { type Format, NOTHING, reading } from "./format.ts";
import { MESSAGE_CLUES, tellMessage } from "./messages.ts";

const HEAD = /^\] \[\d{1,10}\] \[[A-Z]{4,8}\] /;

export const gunicorn: Format = {
  name: "gunicorn",
  clues: MESSAGE_CLUES,
  read(text, memory) {
    if (text.charCodeAt(0) !== 0x5b) return null;
    const clock = readIso(text, 1);
    if (clock === null || clock.zone !== "offset") return null;
    const head = HEAD.exec(text.slice(clock.end));
    if (head === null) return null;
    const message = text.slice(clock.end + head[0].length);
    return reading(clock, tellMessage({ logger: "gunicorn.error", message }, memory), { logger: "gunicorn.error" });
  },
};

type Atom = "address" | "user" | "time" | "request" | "method" | "path" | "query" | "status" | "id" | "forwarded";

const ATOMS: Readonly<Record<string, Atom>> = {
  h: "address",
  u: "user",
  t: "time",
  r: "request",
  m: "method",
  U: "path",
  q: "query",
  s: "status",
  "{x-forwarded-for}i": "forwarded",
  "{x-real-ip}i": "address",
  "{x-request-id}i": "id",
  "{x-request-id}o": "id",
};

/** A format compiled from gunicorn's own `--access-logformat`; throws RangeError on one that holds no request and status. */
export function gunicornAccess(pattern: string): Format {
  const atoms: (Atom | null)[] = [];
  const source = pattern
    .split(/(%\((?:\{[^}]{1,80}\}[a-z]|[A-Za-z]{1,2})\)s)/)
    .map((part) => {
      const key = /^%\((.+)\)s$/.exec(part)?.[1];
      if (key === undefined) return part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
      const atom = ATOMS[key.startsWith("{") ? key.toLowerCase() : key] ?? null;
      atoms.push(atom);
      if (atom === "status") return "(\\d{3})";
      return atom === "time" ? "(\\[[^\\]]{10,40}\\])" : atom === null || atom === "request" ? "(.{0,8192}?)" : "(.{0,2048}?)";
    })
    .join("");
  const known = atoms.includes("status") && (atoms.includes("request") || (atoms.includes("method") && atoms.includes("path")));
  if (!known) throw new RangeError(`an access log format must hold %(s)s and %(r)s, or %(m)s and %(U)s: ${pattern}`);
  const expression = new RegExp(`^${source}$`);
  return {
    name: "access",
    clues: [clue(null, ["post", "put", "patch", "delete", "401"])],
    read(text) {
      const match = expression.exec(text);
      if (match === null) return null;
      const get = (wanted: Atom): string | null => {
        const index = atoms.indexOf(wanted);
        return index === -1 ? null : (match[index + 1] ?? null);
      };
      const clock: Clock | null = readHttpDate(get("time") ?? "", 1) ?? readIso(get("time") ?? "", 1);
      const method = get("method");
      const path = get("path");
      const line = splitRequestLine(get("request") ?? "") ?? (method === null || path === null ? null : { method, path });
      if (line === null) return reading(clock, NOTHING);
      const user = get("user");
      // The last of the forwarded addresses is the one that the nearest proxy saw.
      const address = get("forwarded")?.split(",").at(-1)?.trim() ?? get("address") ?? "";
      const request = { ...line, status: Number(get("status")), user: user === "-" ? null : user };
      return reading(clock, tellAccess({ address, request }, get("id")));
    },
  };
}

/**
 * The error log of MariaDB and MySQL: `2025-11-08  9:01:40 9 [Warning] Access denied for user 'app'@'198.51.100.41' (using password: YES)` and
 * `2024-01-15T10:00:00.123456Z 12 [Note] [MY-010926] [Server] Access denied …`.
 */
import { clue } from "../clue.ts";
import { canonicalAddress } from "../grammar/address.ts";
import { readCompactDate, readIso } from "../grammar/clock.ts";
import { type Format, NOTHING, reading, sighting } from "./format.ts";

const HEAD = /^ \d{1,20} \[(?:Note|Warning|ERROR|System|Error)\] (?:\[MY-\d{6}\] )?(?:\[\w{1,20}\] )?/;
// Who is denied a database or a statement has authenticated.
const DENIED = /^Access denied for user '([\s\S]{0,300})'@'([^']{1,255})' \(using password: (?:YES|NO)\)/;

export const mysqlError: Format = {
  name: "mysql-error",
  clues: [clue("auth-failed", ["access denied"])],
  read(text) {
    const clock = readIso(text, 0) ?? readCompactDate(text, 0);
    if (clock === null) return null;
    const rest = text.slice(clock.end);
    const head = HEAD.exec(rest);
    if (head === null) return null;
    const denied = DENIED.exec(rest.slice(head[0].length));
    if (denied === null) return reading(clock, NOTHING);
    return reading(clock, [
      sighting("auth-failed", "database", { trusted: true, actor: denied[1] ?? null, ip: canonicalAddress(denied[2] ?? "") }),
    ]);
  },
};

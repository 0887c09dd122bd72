/**
 * The audit log of MariaDB and Aurora MySQL, `timestamp,serverhost,username,host,connectionid,queryid,operation,database,object,retcode`: local time
 * on MariaDB, microseconds of the epoch on Aurora, where lines come out of order. The return code says whether a statement succeeded.
 */
import { clue } from "../clue.ts";
import { canonicalAddress } from "../grammar/address.ts";
import { type Clock, readCompactDate, readEpoch } from "../grammar/clock.ts";
import { SQL_KINDS, SQL_VERBS } from "../grammar/sql.ts";
import { type Format, NOTHING, reading, type Sighting, sighting } from "./format.ts";
import { tellStatement } from "./statement.ts";

const CONNECTS = new Set(["FAILED_CONNECT", "CONNECT"]);
// ER_SIGNAL_EXCEPTION: what a trigger that refuses a statement raises.
const SIGNALLED = "1644";

export const mysqlAudit: Format = {
  name: "mysql-audit",
  clues: [clue(SQL_KINDS, [",query"], SQL_VERBS), clue("auth-failed", ["connect,"])],
  read(text) {
    const first = text.charCodeAt(0);
    if (first < 0x30 || first > 0x39) return null;
    const fields = text.split(",", 9);
    if (fields.length < 9) return null;
    const clock = clockOf(fields[0] ?? "");
    const operation = fields[6] ?? "";
    if (clock === null || !/^[A-Z_]{3,20}$/.test(operation) || !/^\d{1,20}$/.test(fields[4] ?? "")) return null;
    return reading(clock, told(fields, operation, text), { logger: "server_audit" });
  },
};

function clockOf(field: string): Clock | null {
  if (/^\d{13,19}$/.test(field)) return readEpoch(Number(field));
  const clock = readCompactDate(field, 0);
  return clock !== null && clock.end === field.length ? clock : null;
}

function told(fields: readonly string[], operation: string, text: string): readonly Sighting[] {
  const code = /,(\d{1,6})$/.exec(text)?.[1] ?? "0";
  const actor = fields[2] === "" ? null : (fields[2] ?? null);
  const ip = canonicalAddress(fields[3] ?? "");
  if (CONNECTS.has(operation)) return code === "0" ? NOTHING : [sighting("auth-failed", "database", { trusted: true, actor, ip })];
  if (!operation.startsWith("QUERY")) return NOTHING;
  const open = text.indexOf(",'", fields.slice(0, 8).join(",").length);
  const close = text.lastIndexOf("'");
  if (open === -1 || close <= open + 1) return NOTHING;
  const sql = text.slice(open + 2, close).replace(/\\(.)/gs, (_, char: string) => (char === "n" ? "\n" : char === "t" ? "\t" : char));
  const sightings = tellStatement(sql, { teller: "database", actor, ip, session: fields[4] ?? null, backslash: true });
  if (code === "0") return sightings;
  if (code === SIGNALLED)
    return sightings.slice(0, 1).map((each) => sighting("statement-refused", "database", { trusted: true, actor, ip, table: each.table }));
  // It failed: what was tried is worth seeing, and nothing of it counts.
  return sightings.filter((each) => each.kind === "row-deleted").map((each) => ({ ...each, rows: 0, destructive: false }));
}

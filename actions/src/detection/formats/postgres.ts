/**
 * PostgreSQL's stderr log with Aurora's prefix (`%t:%r:%u@%d:[%p]:`) and with Debian's (`%m [%p] %q%u@%d `), pgaudit in it. A statement is logged
 * before it runs: the next line of its session may say that it failed.
 */
import { clue } from "../clue.ts";
import { canonicalAddress } from "../grammar/address.ts";
import { type Clock, readIso } from "../grammar/clock.ts";
import { type Format, type Memory, NOTHING, type Reading, reading, type Session, type Sighting, sighting } from "./format.ts";
import { tellStatement } from "./statement.ts";

const SEVERITY = "(LOG|FATAL|ERROR|PANIC|WARNING|DETAIL|STATEMENT|HINT|CONTEXT|NOTICE|INFO|QUERY|LOCATION)";
const AURORA = new RegExp(
  `^(?: [A-Z]{2,5})?:(?:([^\\s()]{1,60})\\((\\d{1,5})\\)|\\[local\\])?:([^@]{0,63})@([^:]{0,63}):\\[(\\d{1,10})\\]:${SEVERITY}: {1,2}`,
);
const DEBIAN = new RegExp(`^(?: [A-Z]{2,5})? \\[(\\d{1,10})\\](?: ([^@\\s]{0,63})@(\\S{0,63}))? ${SEVERITY}: {1,2}`);
const REFUSED =
  /^(?:[\w-]{1,20} authentication failed for user "(.{1,63}?)"|(?:pg_hba\.conf rejects|no pg_hba\.conf entry for) .{0,40}host "([^"]{1,80})", user "(.{1,63}?)"|role "(.{1,63}?)" does not exist)/;
const STATEMENT =
  /^(?:statement|execute [^:]{1,70}|execute fetch from [^:]{1,70}|duration: [\d.]{1,20} ms {1,2}(?:statement|execute [^:]{1,70})): /;
const AUDIT = /^AUDIT: (?:SESSION|OBJECT),\d{1,10},\d{1,10},(\w{1,20}),/;
const RECEIVED = /^connection received: host=(\S{1,80})/;
const GUARD = /^holdfast\b.{0,300}?\brefused\b/i;
// Names of 63 characters, quoted where they need it.
const NAME = '"(?:[^"]|""){1,126}"|[^\\s".]{1,63}';
const GUARDED = new RegExp(`^holdfast guard: \\w{1,10} on (?:(?:${NAME})\\.)?(${NAME}) refused: (\\d{1,15}) rows?\\b`);
// Sessions whose address is remembered where the prefix does not carry it.
const ADDRESSES_KEPT = 1_000;

export const postgres: Format = {
  name: "postgres",
  // A statement may begin with an empty line, and what becomes of it stands on lines that name no table.
  clues: [
    clue(null, ["statement: ", "execute "], ["log: "]),
    clue(null, ["fatal: ", "error: ", "panic: ", "audit: ", "connection received", "disconnection: "]),
  ],
  read(text, memory) {
    const clock = readIso(text, 0);
    if (clock === null) return null;
    const rest = text.slice(clock.end);
    const aurora = AURORA.exec(rest);
    if (aurora !== null) {
      const head = { clock, pid: aurora[5] ?? "", user: aurora[3] ?? "", address: aurora[1] ?? null, severity: aurora[6] ?? "" };
      return told(head, rest.slice(aurora[0].length), memory);
    }
    const debian = DEBIAN.exec(rest);
    if (debian === null) return null;
    const head = {
      clock,
      pid: debian[1] ?? "",
      user: debian[2] ?? "",
      address: memory.addresses[debian[1] ?? ""] ?? null,
      severity: debian[4] ?? "",
    };
    return told(head, rest.slice(debian[0].length), memory);
  },
};

interface Head {
  readonly clock: Clock;
  readonly pid: string;
  readonly user: string;
  readonly address: string | null;
  readonly severity: string;
}

function told(head: Head, body: string, memory: Memory): Reading {
  const says = (what: Session["says"]): Session => ({ key: head.pid, says: what });
  const actor = head.user === "" || head.user === "[unknown]" ? null : head.user;
  const ip = head.address === null ? null : canonicalAddress(head.address);
  if (head.severity === "LOG") return logged(head, body, memory, { actor, ip, says });
  if (head.severity === "FATAL") {
    const refused = REFUSED.exec(body);
    if (refused === null) return reading(head.clock, NOTHING, { session: says("other") });
    const name = refused[1] ?? refused[3] ?? refused[4] ?? null;
    const address = ip ?? canonicalAddress(refused[2] ?? "");
    return reading(head.clock, [sighting("auth-failed", "database", { trusted: true, actor: name, ip: address })], {
      session: says("other"),
    });
  }
  if (head.severity === "ERROR" || head.severity === "PANIC") {
    const guarded = GUARD.test(body)
      ? [sighting("statement-refused", "database", { trusted: true, actor, ip, ...whatWasGuarded(body) })]
      : NOTHING;
    return reading(head.clock, guarded, { session: says("failure") });
  }
  // Details, hints and the failed statement belong to the line before; notices and warnings say nothing about success.
  return reading(head.clock, NOTHING, { session: says("parameters") });
}

/** The rows that were not changed; another's guard may say neither. */
function whatWasGuarded(body: string): Partial<Pick<Sighting, "table" | "rows">> {
  const [, name, rows] = GUARDED.exec(body) ?? [];
  if (name === undefined) return {};
  return { table: name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name, rows: Number(rows) };
}

interface Client {
  readonly actor: string | null;
  readonly ip: string | null;
  readonly says: (what: Session["says"]) => Session;
}

function logged(head: Head, body: string, memory: Memory, { actor, ip, says }: Client): Reading {
  const audit = AUDIT.exec(body);
  if (audit !== null) {
    const sightings = audited(body.slice(audit[0].length), audit[1] ?? "", { teller: "database", actor, ip, session: head.pid });
    return reading(head.clock, sightings, { session: says("audit"), waits: !endsRecord(body) });
  }
  const prefix = STATEMENT.exec(body)?.[0];
  if (prefix !== undefined) {
    const sightings = tellStatement(body.slice(prefix.length), { teller: "database", actor, ip, session: head.pid });
    // A statement may go on over lines that begin with a tab.
    return reading(head.clock, sightings, { session: says("statement"), waits: true });
  }
  const received = RECEIVED.exec(body)?.[1];
  if (received !== undefined) remember(memory, head.pid, received);
  return reading(head.clock, NOTHING, { session: says("other") });
}

function remember(memory: Memory, pid: string, address: string): void {
  const entries = Object.entries(memory.addresses).filter(([key]) => key !== pid);
  memory.addresses = Object.fromEntries([...entries.slice(entries.length >= ADDRESSES_KEPT ? 1 : 0), [pid, address]]);
}

/** `COMMAND,objtype,objname,statement,parameter[,rows]`, quoted as CSV. */
function audited(rest: string, group: string, source: Parameters<typeof tellStatement>[1]): readonly Sighting[] {
  if (group === "READ") return NOTHING;
  const fields = csvFields(rest);
  const statement = fields[3];
  if (statement === undefined || statement === "<previously logged>") return NOTHING;
  const rows = fields.length > 5 && /^\d{1,15}$/.test(fields.at(-1) ?? "") ? Number(fields.at(-1)) : null;
  return tellStatement(statement, source).flatMap((told) => {
    if (group !== "WRITE" || told.kind === "migration-ran") return [told];
    // Its rows are what really happened; TRUNCATE always reports none.
    if (rows === null || fields[0]?.startsWith("TRUNCATE")) return [told];
    return [{ ...told, rows: told.kind === "user-created" && rows === 1 ? null : rows, happened: rows > 0 }];
  });
}

function csvFields(text: string): string[] {
  const fields: string[] = [];
  let at = 0;
  while (at <= text.length) {
    if (text.charCodeAt(at) === 0x22) {
      let end = at + 1;
      while (end < text.length && (text.charAt(end) !== '"' || text.charAt(end + 1) === '"')) end += text.charAt(end) === '"' ? 2 : 1;
      fields.push(text.slice(at + 1, end).replaceAll('""', '"'));
      at = end + 2;
    } else {
      const comma = text.indexOf(",", at);
      const end = comma === -1 ? text.length : comma;
      fields.push(text.slice(at, end));
      at = end + 1;
    }
  }
  return fields;
}

/** An open quotation goes on over the next lines. */
function endsRecord(body: string): boolean {
  let quotes = 0;
  for (let at = body.indexOf('"'); at !== -1; at = body.indexOf('"', at + 1)) quotes++;
  return quotes % 2 === 0;
}

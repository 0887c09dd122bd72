/**
 * JSON, one object a line: structlog, python-json-logger, ECS flat and nested, Logstash, GELF, OpenTelemetry's and OWASP's names, and the
 * contract that docs/log-contract.md recommends. Fields decide; the message is read only where no field says what happened.
 */
import { clue } from "../clue.ts";
import { canonicalAddress } from "../grammar/address.ts";
import { type Clock, readEpoch, readHttpDate, readIso } from "../grammar/clock.ts";
import { isEventName, type NamedEvent, readEventName } from "../grammar/event-name.ts";
import { type Fields, fieldOf, isFields, numberOf, parseFields, textOf } from "../grammar/fields.ts";
import { REQUEST_CLUES } from "../grammar/request.ts";
import { splitRequestLine, tellAccess } from "./access-line.ts";
import { type Format, type Memory, NOTHING, reading, type Sighting, sighting } from "./format.ts";
import { MESSAGE_CLUES, tellMessage } from "./messages.ts";

const TIMES = ["@timestamp", "timestamp", "time", "ts", "asctime", "datetime", "eventTime", "event_time", "date", "t"];
const NAMES = ["event.action", "event", "action", "event_type", "eventType", "event_name", "eventName", "event.name", "operation", "type"];
const MESSAGES = ["message", "msg", "short_message", "body", "log.message"];
const LOGGERS = ["log.logger", "logger_name", "logger", "_log_logger", "name"];
const ACTORS = [
  "actor.name",
  "actor.email",
  "actor.id",
  "actor",
  "performed_by",
  "performedBy",
  "by",
  "created_by",
  "deleted_by",
  "changed_by",
  "updated_by",
  "admin_user",
];
const USERS = [
  "user.name",
  "user.email",
  "user.id",
  "user",
  "username",
  "user_name",
  "userName",
  "principal",
  "enduser.id",
  "user_id",
  "userId",
  "_user",
  "_user_name",
  "email",
];
const TARGETS = [
  "user.target.name",
  "user.target.email",
  "user.target.id",
  "target.name",
  "target.email",
  "target.id",
  "target",
  "target_user",
  "targetUser",
  "target_user_id",
  "new_user",
  "created_user",
  "deleted_user",
  "affected_user",
  "_target",
  "object_id",
  "resource_id",
];
const ADDRESSES = [
  "client.ip",
  "source.ip",
  "client.address",
  "source.address",
  "network.peer.address",
  "ip",
  "client_ip",
  "clientIp",
  "remote_addr",
  "remote_address",
  "remoteAddr",
  "remote_ip",
  "remoteIp",
  "ip_address",
  "ipAddress",
  "source_ip",
  "sourceIp",
  "src_ip",
  "_ip",
  "_client_ip",
  "host.client",
];
const REQUESTS = [
  "http.request.id",
  "request_id",
  "requestId",
  "correlation_id",
  "correlationId",
  "x_request_id",
  "trace.id",
  "trace_id",
  "traceId",
  "_trace_id",
  "_request_id",
];
const TABLES = [
  "holdfast.table",
  "table",
  "entity",
  "model",
  "resource_type",
  "resourceType",
  "db.collection.name",
  "db.sql.table",
  "collection",
  "_table",
];
const ROWS = [
  "holdfast.rows",
  "rows",
  "row_count",
  "rowCount",
  "rowcount",
  "affected_rows",
  "affectedRows",
  "rows_affected",
  "deleted_count",
  "deletedCount",
  "affected",
  "count",
  "_rows",
];
const OUTCOMES = ["event.outcome", "outcome", "result", "success", "_outcome"];
const FAILED = /^(?:fail|failed|failure|error|denied|rejected|false|unsuccessful)$/i;
const ADMIN =
  /(?:^|[\s,_:\-[])(?:admin|administrator|administrators|admins|superuser|super_admin|superadmin|root|owner|sysadmin|is_staff)(?:$|[\s,\]])/i;

export const json: Format = {
  name: "json",
  // A value may be written with escapes that hide every word.
  clues: [...MESSAGE_CLUES, ...REQUEST_CLUES, clue(null, ["\\u00"])],
  read(text, memory) {
    if (text.charCodeAt(0) !== 0x7b || !text.trimEnd().endsWith("}")) return null;
    const fields = parseFields(text);
    return fields === null ? null : reading(clockOf(fields), tellFields(fields, memory), { logger: textOf(fields, LOGGERS) });
  },
};

export function tellFields(fields: Fields, memory: Memory): readonly Sighting[] {
  const declared = overrideOf(fields);
  const own = occurrenceOf(fields, memory);
  if (declared === null || own.some((told) => told.kind === "override-on" || told.kind === "override-off")) return own;
  // Every line repeats the override it ran under; it begins with the first that says so and ends with the first that says it is off.
  const key = declared.on ? `${declared.reason ?? ""} ${declared.until ?? ""}` : null;
  if (key === memory.override) return own;
  memory.override = key;
  return [
    sighting(declared.on ? "override-on" : "override-off", "application", {
      ...detailsOf(fields),
      target: null,
      table: null,
      rows: null,
      override: declared.on ? { reason: declared.reason, until: declared.until } : null,
    }),
    ...own,
  ];
}

function occurrenceOf(fields: Fields, memory: Memory): readonly Sighting[] {
  const name = nameOf(fields);
  const named = name === null ? categoryOf(fields) : (readEventName(name.event) ?? categoryOf(fields));
  if (named !== null) return [namedSighting(fields, named, name?.parameters ?? [])];
  const access = accessOf(fields);
  if (access !== null) return access;
  const message = messageOf(fields);
  if (message === null) return NOTHING;
  const details = detailsOf(fields);
  return tellMessage({ logger: textOf(fields, LOGGERS), message }, memory).map((told) => ({
    ...told,
    actor: details.actor ?? told.actor,
    target: details.target ?? told.target,
    ip: details.ip ?? told.ip,
    table: told.kind === "row-deleted" ? (details.table ?? told.table) : told.table,
    role: details.role,
    request: details.request,
  }));
}

function namedSighting(fields: Fields, named: NamedEvent, parameters: readonly string[]): Sighting {
  const details = detailsOf(fields);
  const failed = OUTCOMES.some((path) => {
    const value = fieldOf(fields, path);
    return value === false || (typeof value === "string" && FAILED.test(value));
  });
  const kind = failed && named.kind === "auth-succeeded" ? "auth-failed" : named.kind;
  const happened = named.happened && details.rows !== 0 && (!failed || kind === "auth-failed" || kind === "statement-refused");
  const deleted = kind === "row-deleted";
  const override = kind === "override-on" || kind === "override-off";
  // OWASP's vocabulary puts who and whom behind the name: `user_created:ada,bob`.
  const [first = null, second = null] = parameters;
  return sighting(kind, "application", {
    ...details,
    happened,
    actor: details.actor ?? first,
    target: details.target ?? second,
    table: deleted ? (details.table ?? (GENERIC.has(named.table ?? "") ? null : named.table)) : details.table,
    rows: deleted || kind === "password-changed" || kind === "user-created" ? details.rows : null,
    migration: kind === "migration-ran" ? textOf(fields, ["migration", "version", "revision", "holdfast.migration", "target"]) : null,
    override: override ? { reason: reasonOf(fields), until: untilOf(fields) } : null,
  });
}

const GENERIC = new Set(["row", "rows", "record", "records", "data", "sensitive", "entity", "object", "resource", "item"]);

function detailsOf(fields: Fields) {
  const by = textOf(fields, ACTORS);
  const user = textOf(fields, USERS);
  return {
    trusted: true,
    actor: by ?? user,
    // Who acted stands in a field of its own: then the user is the one it was done to.
    target: textOf(fields, TARGETS) ?? (by === null ? null : user),
    ip: addressOf(fields),
    table: textOf(fields, TABLES),
    rows: numberOf(fields, ROWS),
    role: roleOf(fields),
    request: textOf(fields, REQUESTS),
  };
}

function nameOf(fields: Fields): { readonly event: string; readonly parameters: readonly string[] } | null {
  for (const path of NAMES) {
    const value = fieldOf(fields, path);
    if (typeof value !== "string" || value === "") continue;
    const colon = value.indexOf(":");
    const event = colon === -1 ? value : value.slice(0, colon);
    if (!isEventName(event)) continue;
    // A name that is known to be nothing ends the search; one that says nothing lets the next field speak.
    if (path !== "type" || readEventName(event) !== null) {
      return {
        event,
        parameters:
          colon === -1
            ? []
            : value
                .slice(colon + 1)
                .split(",", 3)
                .map((part) => part.trim()),
      };
    }
  }
  return null;
}

/** What ECS's categories say where no action does. */
function categoryOf(fields: Fields): NamedEvent | null {
  const categories = listOf(fieldOf(fields, "event.category"));
  const types = listOf(fieldOf(fields, "event.type"));
  const told = (kind: NamedEvent["kind"], table: string | null = null): NamedEvent => ({ kind, happened: true, table });
  if (categories.includes("authentication") && types.includes("start")) return told("auth-succeeded");
  if (categories.includes("iam") && types.includes("user") && types.includes("creation")) return told("user-created");
  if (categories.includes("iam") && types.includes("user") && types.includes("deletion")) return told("row-deleted", "user");
  if (categories.includes("database") && types.includes("deletion")) return told("row-deleted");
  return null;
}

/** The message, or structlog's `event` where that is a sentence. */
function messageOf(fields: Fields): string | null {
  const event = fieldOf(fields, "event");
  const sentence = typeof event === "string" && !isEventName(event) ? event : null;
  const message = sentence ?? textOf(fields, MESSAGES);
  return message === null ? null : message.slice(0, 4_096);
}

function accessOf(fields: Fields): readonly Sighting[] | null {
  const status = numberOf(fields, ["http.response.status_code", "status", "status_code", "statusCode", "response.status", "s"]);
  const line = textOf(fields, ["request", "request_line", "r"]);
  const split = line === null ? null : splitRequestLine(line);
  const method = split?.method ?? textOf(fields, ["http.request.method", "method", "request_method", "requestMethod", "m"]);
  const path = split?.path ?? textOf(fields, ["url.path", "url.original", "path", "uri", "request_uri", "requestUri", "url", "U"]);
  if (status === null || method === null || path === null || status < 100 || status > 599) return null;
  const user = textOf(fields, ["remote_user", "user.name", "username"]);
  const told = tellAccess(
    { address: addressOf(fields) ?? "", request: { method: method.toUpperCase(), path, status, user: null } },
    textOf(fields, REQUESTS),
  );
  return told.map((each) => ({ ...each, actor: user, role: roleOf(fields) }));
}

function addressOf(fields: Fields): string | null {
  for (const path of ADDRESSES) {
    const value = fieldOf(fields, path);
    const address = typeof value === "string" ? canonicalAddress(value.trim()) : null;
    if (address !== null) return address;
  }
  return null;
}

/** The actor's role where a field says it: true, false, or null where none does. */
function roleOf(fields: Fields): boolean | null {
  for (const path of ["is_admin", "isAdmin", "actor.is_admin", "actor.admin", "user.is_admin", "admin", "_is_admin"]) {
    const value = fieldOf(fields, path);
    if (typeof value === "boolean") return value;
  }
  for (const path of ["user.roles", "actor.roles", "actor.role", "roles", "role", "user.role", "actor.type", "_role"]) {
    const roles = listOf(fieldOf(fields, path));
    if (roles.length > 0) return roles.some((role) => ADMIN.test(role));
  }
  return null;
}

function listOf(value: unknown): readonly string[] {
  if (typeof value === "string") return value === "" ? [] : [value];
  return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
}

function overrideOf(fields: Fields): { readonly on: boolean; readonly reason: string | null; readonly until: number | null } | null {
  const declared = fieldOf(fields, "holdfast.override") ?? fieldOf(fields, "override");
  if (!isFields(declared) || typeof declared.on !== "boolean") return null;
  return { on: declared.on, reason: textOf(declared, ["reason"]), until: instantOf(fieldOf(declared, "expires")) };
}

function reasonOf(fields: Fields): string | null {
  return textOf(fields, ["holdfast.override.reason", "override.reason", "event.reason", "reason"]);
}

function untilOf(fields: Fields): number | null {
  for (const path of ["holdfast.override.expires", "override.expires", "expires", "expires_at", "expiresAt", "until"]) {
    const until = instantOf(fieldOf(fields, path));
    if (until !== null) return until;
  }
  return null;
}

function instantOf(value: unknown): number | null {
  const clock = clockFrom(value);
  return clock?.zone === "offset" ? clock.ms : null;
}

export function clockOf(fields: Fields): Clock | null {
  for (const path of TIMES) {
    const clock = clockFrom(fieldOf(fields, path));
    if (clock !== null) return clock;
  }
  return null;
}

function clockFrom(value: unknown): Clock | null {
  if (typeof value === "number") return readEpoch(value);
  if (typeof value !== "string") return null;
  return (
    readIso(value, 0) ??
    readHttpDate(value.replace(/^\[/, ""), 0) ??
    (/^\d{9,19}(?:\.\d{1,9})?$/.test(value) ? readEpoch(Number(value)) : null)
  );
}

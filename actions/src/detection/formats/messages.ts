/** What the message of a log record tells, whichever format its head had: tools first, which have texts of their own, then sentences. */

import type { Clue } from "../clue.ts";
import { NAME_CLUES, readEventName } from "../grammar/event-name.ts";
import { readMessage, SENTENCE_CLUES } from "../grammar/message.ts";
import { readTokens } from "../grammar/tokens.ts";
import { ALEMBIC_CLUES, tellAlembic } from "./alembic.ts";
import { FLYWAY_CLUES, tellFlyway } from "./flyway.ts";
import { type Memory, NOTHING, type Sighting, sighting } from "./format.ts";
import { SQL_LOGGER_CLUES, tellSqlLogger } from "./hibernate.ts";
import { LIQUIBASE_CLUES, tellLiquibase } from "./liquibase.ts";
import { SPRING_CLUES, tellSpringSecurity } from "./spring-security.ts";

export interface LogMessage {
  /** Null where the head has none. */
  readonly logger: string | null;
  readonly message: string;
}

export const MESSAGE_CLUES: readonly Clue[] = [
  ...SENTENCE_CLUES,
  ...NAME_CLUES,
  ...ALEMBIC_CLUES,
  ...FLYWAY_CLUES,
  ...LIQUIBASE_CLUES,
  ...SPRING_CLUES,
  ...SQL_LOGGER_CLUES,
];

// What tools say beyond their own texts tells their migrations again: "Table orders dropped".
const TOOLS = /^(?:liquibase|alembic|org\.flywaydb|o\.f\.c(?:ore)?\.)/;

export function tellMessage({ logger, message }: LogMessage, memory: Memory): readonly Sighting[] {
  return (
    tellAlembic(message, memory) ??
    tellFlyway(message, memory) ??
    tellLiquibase(message, memory) ??
    tellSpringSecurity(logger, message) ??
    tellSqlLogger(logger, message) ??
    (logger !== null && TOOLS.test(logger) ? NOTHING : sentence(message))
  );
}

/** What a sentence or a line of `event=… user=…` pairs says. */
function sentence(message: string): readonly Sighting[] {
  const told = readMessage(message);
  if (told !== null) return [sighting(told.kind, "application", told)];
  return pairs(message);
}

const EVENT_PAIR = /(?:^|\s)(?:event|action|event_type|event_name)=/;
const NAME_FIRST = /^[A-Za-z][\w.-]{2,60}(?=\s{1,40}(?:\[[\w.-]{1,80}\]\s{1,20})?[\w.-]{1,40}=)/;

function pairs(message: string): readonly Sighting[] {
  if (!message.includes("=")) return NOTHING;
  const first = NAME_FIRST.exec(message)?.[0];
  if (first === undefined && !EVENT_PAIR.test(message)) return NOTHING;
  const found = readTokens(message).pairs;
  const get = (...keys: readonly string[]): string | null => keys.map((key) => found.get(key)).find((value) => value !== undefined) ?? null;
  const named = readEventName(get("event", "action", "event_type", "event_name") ?? first ?? "");
  if (named === null) return NOTHING;
  const rows = get("rows", "count", "affected");
  const failed = /^(?:fail|failed|failure|denied|error|false)$/i.test(get("outcome", "status", "result", "success") ?? "");
  const kind = failed && named.kind === "auth-succeeded" ? "auth-failed" : named.kind;
  const count = rows !== null && /^\d{1,12}$/.test(rows) ? Number(rows) : null;
  return [
    sighting(kind, "application", {
      happened: named.happened && count !== 0 && (!failed || kind === "auth-failed"),
      actor: get("actor", "user", "username", "by"),
      target: get("target", "target_user", "id"),
      ip: get("ip", "remote_addr", "client_ip", "addr"),
      table: get("table") ?? named.table,
      rows: count,
      request: get("request_id", "trace_id", "correlation_id"),
    }),
  ];
}

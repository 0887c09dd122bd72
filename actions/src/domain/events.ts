/** What a log line can say happened; every format, rule and screen uses these words and no others. */
export const EVENT_KINDS = [
  "auth-failed",
  "auth-succeeded",
  "password-changed",
  "user-created",
  "row-deleted",
  "migration-ran",
  "override-on",
  "override-off",
  "statement-refused",
] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

/** The log formats that are read, as `format` of an app names them; `auto` finds out line by line. */
export const FORMAT_NAMES = [
  "json",
  "logfmt",
  "werkzeug",
  "gunicorn",
  "python",
  "spring",
  "access",
  "uvicorn",
  "hypercorn",
  "alembic",
  "django",
  "flyway",
  "liquibase",
  "hibernate",
  "postgres",
  "mysql-audit",
  "mysql-error",
  "syslog",
] as const;
export type FormatName = (typeof FORMAT_NAMES)[number];

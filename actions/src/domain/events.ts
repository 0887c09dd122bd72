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

import type { Event } from "./event.ts";

/** An event of which only what a test is about needs to be said. */
export function makeEvent(changes: Partial<Event>): Event {
  return {
    kind: "auth-failed",
    at: 0,
    actor: "mallory",
    ip: "192.0.2.1",
    admin: false,
    target: null,
    table: null,
    rows: null,
    times: 1,
    destructive: false,
    migration: null,
    override: null,
    trusted: true,
    instead: null,
    source: "app",
    line: 1,
    text: "a line",
    ...changes,
  };
}

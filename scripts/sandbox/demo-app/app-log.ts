/**
 * What the demo application writes to its container's output: one JSON object for each thing that happened, in the log contract that
 * Holdfast recommends, with its web server's own plain lines between them. A file that turns over as container logs do, for whoever follows it.
 */
import { randomUUID } from "node:crypto";
import { appendFileSync, existsSync, renameSync, statSync } from "node:fs";

export interface Person {
  readonly id?: number;
  readonly name: string;
  readonly roles?: readonly string[];
}

/** Something worth telling, as the application's own code sees it. */
export interface AppEvent {
  readonly action: Action;
  readonly by: Person;
  readonly on?: Person;
  readonly ip: string;
  readonly rows?: number;
  readonly table?: string;
  readonly override?: { readonly on: boolean; readonly reason: string; readonly expires?: Date };
  /** The request that did it, and its status; none for what no request did. */
  readonly request?: { readonly line: string; readonly status: number };
}

const actions = {
  "auth-succeeded": { category: ["authentication"], type: ["start"], outcome: "success", says: "Logged in" },
  "auth-failed": { category: ["authentication"], type: ["start"], outcome: "failure", says: "Login failed" },
  "password-changed": { category: ["iam"], type: ["user", "change"], outcome: "success", says: "Password changed" },
  "user-created": { category: ["iam"], type: ["user", "creation"], outcome: "success", says: "Registered" },
  "row-deleted": { category: ["database"], type: ["deletion"], outcome: "success", says: "Deleted" },
  "override-on": { category: ["configuration"], type: ["change"], outcome: "success", says: "Override on" },
  "override-off": { category: ["configuration"], type: ["change"], outcome: "success", says: "Override off" },
} as const;
export type Action = keyof typeof actions;

export interface AppLog {
  readonly file: string;
  event(event: AppEvent): void;
  /** A request that changed nothing worth an event. */
  request(ip: string, line: string, status: number): void;
  /** A line of somebody else's on the same output, such as a migration tool's. */
  plain(text: string): void;
  /** Begins a new file, as if the old one had reached its size. */
  turnOver(): void;
}

/** Small enough to turn over within a day of the demo's load, so that followers meet it. */
const usualSize = 8 * 1024 * 1024;
const kept = 2;

export function openAppLog(file: string, now: () => Date, largest = usualSize): AppLog {
  let size = existsSync(file) ? statSync(file).size : 0;
  const write = (...lines: readonly string[]) => {
    const text = lines.map((line) => `${line}\n`).join("");
    if (size > 0 && size + text.length > largest) {
      turnOver(file);
      size = 0;
    }
    appendFileSync(file, text, { mode: 0o600 });
    size += Buffer.byteLength(text);
  };
  return {
    file,
    event(event) {
      const at = now();
      const access = event.request ? [accessLine(at, event.ip, event.request.line, event.request.status)] : [];
      write(JSON.stringify(contractLine(at, event)), ...access);
    },
    request: (ip, line, status) => write(accessLine(now(), ip, line, status)),
    plain: (text) => write(text),
    turnOver() {
      if (size > 0) turnOver(file);
      size = 0;
    },
  };
}

function contractLine(at: Date, { action, by, on, ip, rows, table, override, request }: AppEvent): unknown {
  const { category, type, outcome, says } = actions[action];
  const holdfast = { rows, table, override };
  return {
    "@timestamp": at.toISOString(),
    log: { level: outcome === "failure" ? "warning" : "info" },
    message: on && on.name !== by.name ? `${says}: ${on.name} by ${by.name}` : `${says}: ${by.name}`,
    event: { action, category, type, outcome },
    user: { ...told(by), ...(on ? { target: told(on) } : {}) },
    client: { ip },
    ...(request ? { http: { request: { id: randomUUID() } } } : {}),
    ...(Object.values(holdfast).some((value) => value !== undefined) ? { holdfast } : {}),
  };
}

/** Ids are text in the contract, because most are no numbers. */
function told({ id, name, roles }: Person): Readonly<Record<string, unknown>> {
  return { id: id === undefined ? undefined : String(id), name, roles };
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** As gunicorn writes it unless told otherwise. */
function accessLine(at: Date, ip: string, request: string, status: number): string {
  const [year = "", month = "", day = "", time = ""] = at.toISOString().split(/[-T.]/);
  const stamp = `${day}/${months[Number(month) - 1]}/${year}:${time} +0000`;
  return `${ip} - - [${stamp}] "${request} HTTP/1.1" ${status} 28 "-" "Mozilla/5.0 (X11; Linux x86_64) Demo/1.0"`;
}

function turnOver(file: string): void {
  for (let old = kept; old > 1; old--) if (existsSync(`${file}.${old - 1}`)) renameSync(`${file}.${old - 1}`, `${file}.${old}`);
  renameSync(file, `${file}.1`);
}

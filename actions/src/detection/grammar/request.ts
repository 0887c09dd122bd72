/**
 * What an access line says happened, from method, path and status alone. A form that is opened, a list that is read and a request that was
 * refused are nothing; a reset that is asked for is none.
 */
import type { EventKind } from "../../domain/index.ts";
import { type Clue, clue } from "../clue.ts";

export interface Request {
  readonly method: string;
  /** As the line has it, with its query. */
  readonly path: string;
  readonly status: number;
  /** The user of HTTP authentication, where the line has one. */
  readonly user: string | null;
}

export interface Requested {
  readonly kind: EventKind;
  readonly table: string | null;
  readonly rows: number | null;
  readonly target: string | null;
}

const set = (words: string): ReadonlySet<string> => new Set(words.split(" "));

const LOGIN = set(
  "login signin sign-in sign_in log-in log_in logon authenticate auth authorize token session sessions j_spring_security_check wp-login.php login.php login.do",
);
const USERS = set("users accounts members admins");
const USER = set("user users account accounts member members admin");
const REGISTER = set(
  "register registration registrations signup sign-up sign_up join enroll adduser create-account create_account create-user create_user new-user",
);
// What may stand before "register" without making it the registration of something else.
const NEUTRAL = set("api auth user users account accounts member members public security identity portal app web accounts");
const CREATE = set("new create add");
const DELETE = set("delete remove destroy purge bulk-delete bulk_delete delete-all delete_all delete-selected erase");
const PASSWORD = set(
  "password passwd change-password change_password changepassword set-password set_password setpassword update-password update_password reset-password reset_password resetpassword",
);
const ASKING = set(
  "forgot forgot-password forgot_password forgotpassword forgotten lost lost-password request reset-request reset_request reset_password_request password_reset_request recover recovery email send resend validate check verify strength policy hint expiry",
);
const RESET = set("reset resets password-reset password_reset passwordreset reset-password reset_password resetpassword");
const HOUSEKEEPING = set(
  "session sessions login logout token tokens cache caches cookie cookies file files upload uploads lock locks cart basket subscription subscriptions notifications tmp queue queues index indexes favorites likes follow",
);
const OFF = set("off disable end stop revoke");

/** How a request stands in a line: in an access log's quotes, its slashes perhaps escaped, or its method in a field of its own. */
const sent = (...methods: readonly string[]): readonly string[] =>
  methods.flatMap((method) => [`${method} /`, `${method} http`, `${method} \\`, `"${method}"`]);
const CHANGING = sent("post", "put", "patch");

export const REQUEST_CLUES: readonly Clue[] = [
  clue("auth-failed", ['" 401 ']),
  clue("auth-failed", sent("post"), [...LOGIN], ["401", "403"]),
  clue("auth-succeeded", sent("post"), [...LOGIN]),
  clue("password-changed", CHANGING, [...PASSWORD, ...RESET]),
  clue("user-created", sent("post"), [...USERS, ...USER, ...REGISTER]),
  clue("row-deleted", sent("delete")),
  clue("row-deleted", CHANGING, [...DELETE]),
  clue(null, ["override"]),
];

export function readRequest(request: Request): Requested | null {
  const { method, status } = request;
  if (status === 401 && request.user !== null && request.user !== "") return told("auth-failed");
  if (method !== "POST" && method !== "PUT" && method !== "PATCH" && method !== "DELETE") return null;
  const segments = readSegments(request.path);
  const last = segments.at(-1) ?? "";
  const done = status === 200 || status === 201 || status === 204 || status === 302 || status === 303;

  if (method === "POST" && LOGIN.has(last)) {
    if (status === 401 || status === 403) return told("auth-failed");
    // A bearer token or a session of an app may be made by more than a login.
    return done && last !== "token" && last !== "authorize" ? told("auth-succeeded") : null;
  }
  if (!done) return null;
  const override = segments.findIndex((segment) => segment === "override" || segment === "overrides");
  if (override !== -1) {
    const ends = method === "DELETE" || segments.slice(override + 1).some((segment) => OFF.has(segment));
    return told(ends ? "override-off" : "override-on");
  }
  if (method === "DELETE") return deletion(segments);
  if (changesPassword(segments, request.path)) return told("password-changed", null, null, ownerOf(segments));
  if (DELETE.has(last) || (DELETE.has(segments.at(-2) ?? "") && isId(last)))
    return deletion(segments.filter((segment) => !DELETE.has(segment)));
  return method === "POST" && createsUser(segments) ? told("user-created") : null;
}

function told(kind: EventKind, table: string | null = null, rows: number | null = null, target: string | null = null): Requested {
  return { kind, table, rows, target };
}

/** The segments of a path in lower case, without query, host and ending slash. */
function readSegments(path: string): string[] {
  const bare = (/^https?:\/\/[^/?#]{0,255}([^?#]*)/i.exec(path)?.[1] ?? path).split(/[?#]/, 1)[0] ?? "";
  return bare
    .toLowerCase()
    .split("/", 24)
    .map((segment) => segment.replace(/;.*$/, ""))
    .filter((segment) => segment !== "");
}

/** An id or a one-time token: digits, hexadecimal, UUID, or long with digits in it. */
function isId(segment: string): boolean {
  return (
    /^\d+$/.test(segment) ||
    /^[0-9a-f-]{8,}$/.test(segment) ||
    (segment.length >= 16 && /\d/.test(segment)) ||
    /^[\w-]{1,24}\.[\w.-]{16,}$/.test(segment)
  );
}

function deletion(segments: readonly string[]): Requested | null {
  const last = segments.at(-1);
  if (last === undefined) return null;
  const id = isId(last) || (segments.length > 1 && !USERS.has(last) && !/s$/.test(last) && /s$/.test(segments.at(-2) ?? ""));
  const noun = id ? segments.at(-2) : last;
  if (noun === undefined || noun === "api" || HOUSEKEEPING.has(noun)) return null;
  return told("row-deleted", noun, null, id ? last : null);
}

function changesPassword(segments: readonly string[], path: string): boolean {
  const last = segments.at(-1) ?? "";
  const before = segments.at(-2) ?? "";
  if (segments.some((segment) => ASKING.has(segment))) return false;
  // "/reset/<token>", "/password-reset/confirm", Django's "/reset/<uid>/set-password".
  if (RESET.has(before) && (isId(last) || last.length >= 12 || last === "confirm" || last === "complete")) return true;
  if (last === "change" || last === "reset" || last === "update")
    return PASSWORD.has(before) || (before === "password" && last !== "reset");
  if (RESET.has(last) && !PASSWORD.has(last)) return /[?&]token=/.test(path);
  return PASSWORD.has(last);
}

function ownerOf(segments: readonly string[]): string | null {
  const at = segments.findIndex((segment, index) => USER.has(segment) && /^\d+$/.test(segments[index + 1] ?? ""));
  return at === -1 ? null : (segments[at + 1] ?? null);
}

function createsUser(segments: readonly string[]): boolean {
  const last = segments.at(-1) ?? "";
  const before = segments.at(-2);
  if (USERS.has(last)) return true;
  if (REGISTER.has(last)) return before === undefined || NEUTRAL.has(before) || /^v\d/.test(before);
  return CREATE.has(last) && before !== undefined && USER.has(before) && before !== "admin";
}

// Where applications keep what only administrators may use.
const ADMIN_SEGMENTS = set("admin administrator administration django-admin wp-admin backoffice");

/** Whether a request that was let through used an administrator's door: a configured prefix, or a segment by which nearly all name it. */
export function isAdminPath(path: string, prefixes: readonly string[]): boolean {
  const bare = path.split(/[?#]/, 1)[0] ?? "";
  if (prefixes.some((prefix) => bare.startsWith(prefix))) return true;
  return readSegments(bare)
    .slice(0, 4)
    .some((segment) => ADMIN_SEGMENTS.has(segment));
}

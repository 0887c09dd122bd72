/**
 * Takes secrets out of log text before it is kept, shown or sent. Works on whole records: a secret that was cut no longer looks like one, so
 * cutting to length comes after. Every quantifier is bounded and text may be hostile: the cost stays linear in its length.
 *
 * It knows shapes, not meanings: a password in the middle of a sentence passes.
 */
import { shorten, visible, withoutTerminalSequences } from "./visible.ts";

const MARK = "[redacted]";

/** One shape of secret. `$1` in the replacement is what may stay: the name, the scheme. */
interface Shape {
  readonly pattern: RegExp;
  readonly replacement: string;
}

// A value as code, JSON, JSON inside JSON, SQL and query strings write it. A missing closing quote must not save the secret: logs cut records.
const VALUE = String.raw`(?:(?:[\w.]{1,40}\(\s{0,3}){0,3}(?:"(?:[^"\\]|\\.){0,8192}"?|'(?:[^'\\]|''|\\.){0,8192}'?)|\\{1,3}"[^"\\]{0,8192}|\\{1,3}'[^'\\]{0,8192}|[^\s,;&}"'\\]{1,8192})`;
const NAME =
  "(?:passw(?:or)?d|passphrase|passwort|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credentials?|session(?:[_-]?id)?|phpsessid|otp|pin)";
// `password_hash`, `secret_access_key`, `newPassword2`; but not `password_changed_at`.
const SUFFIX = String.raw`(?:[_-]?(?:hash|digest|salt|value|key|access[_-]?key|confirm(?:ation)?|\d{1,2})){0,2}`;
const ASSIGN = String.raw`\\{0,3}["'\x60]?\s{0,3}(?:=>|:=|[:=]|%3[ad])\s{0,3}`;
const QUOTED = String.raw`(?:\\{1,3}'[^'\\]{0,8192}\\{1,3}'|'(?:[^'\\]|''|\\.){0,8192}'?)`;

const SHAPES = {
  // One whose end was cut off is taken out as well, up to the next row of dashes.
  pem: {
    pattern: /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----(?:[^-]|-(?!----)){0,8192}(?:-----END [A-Z ]{0,40}-----)?/g,
    replacement: MARK,
  },
  "authorization header": {
    pattern:
      /(\b(?:proxy-)?authorization\\{0,3}["']?\s{0,5}[:=]\s{0,5}\\{0,3}["']?)(?:digest [^\r\n]{1,8192}|(?:[A-Za-z][\w-]{0,20} {1,3})?[^\s"',;\\]{1,8192})/gi,
    replacement: `$1${MARK}`,
  },
  "bearer or basic credentials": {
    pattern: /\b([Bb]earer|[Bb]asic|BEARER|BASIC) {1,3}(?=[\w.~+/-]{0,4096}(?:[0-9=+/]|[a-z][A-Z]))[\w.~+/-]{8,8192}={0,2}/g,
    replacement: `$1 ${MARK}`,
  },
  cookie: {
    pattern:
      /(\b(?:set-)?cookies?)(?:(\\{0,3}["']?\s{0,5}[:=]\s{0,5})(?:\\{1,3}"[^"\\]{0,8192}|"(?:[^"\\]|\\.){0,8192}"?|'[^']{0,8192}'?|[^\r\n"']{1,8192}))/gi,
    replacement: `$1$2${MARK}`,
  },
  "password in an address": {
    pattern: /(\b[a-z][a-z0-9+.-]{1,30}:\/\/[^\s/@:'"]{0,128}:)[^\s/'"]{1,256}@/gi,
    replacement: `$1${MARK}@`,
  },
  "slack webhook": {
    pattern: /(https:\/\/hooks\.slack(?:-gov)?\.com\/(?:services|workflows|triggers)\/)[A-Za-z0-9/_-]{10,200}/g,
    replacement: `$1${MARK}`,
  },
  "slack token": { pattern: /\bxox[a-z]-[A-Za-z0-9-]{10,250}/g, replacement: MARK },
  "github token": { pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{22,255})/g, replacement: MARK },
  "aws key id": { pattern: /\b(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b/g, replacement: MARK },
  "provider key": {
    pattern:
      /\b(?:npm_[A-Za-z0-9]{36}|glpat-[\w-]{20,64}|SG\.[\w-]{16,32}\.[\w-]{16,64}|[rs]k_(?:live|test)_[A-Za-z0-9]{16,128}|AIza[\w-]{35}|whsec_[A-Za-z0-9+/=]{16,64}|sk-[\w-]{20,200})/g,
    replacement: MARK,
  },
  jwt: { pattern: /\beyJ[A-Za-z0-9_-]{8,4096}\.eyJ[A-Za-z0-9_-]{4,8192}\.[A-Za-z0-9_-]{0,2048}/g, replacement: MARK },
  bcrypt: { pattern: /\$2[abxy]\$\d\d\$[./A-Za-z0-9]{53}/g, replacement: MARK },
  argon2: {
    pattern: /\$argon2(?:id|i|d)\$v=\d{1,3}\$m=\d{1,10},t=\d{1,5},p=\d{1,5}\$[A-Za-z0-9+/]{1,128}\$[A-Za-z0-9+/]{1,256}/g,
    replacement: MARK,
  },
  "werkzeug hash": {
    pattern: /\b(?:pbkdf2:sha(?:1|256|512)(?::\d{1,9})?|scrypt:\d{1,9}:\d{1,5}:\d{1,5})\$[^$\s'"]{1,64}\$[0-9a-f]{32,256}/g,
    replacement: MARK,
  },
  "django hash": { pattern: /\b(?:pbkdf2_sha(?:1|256)|bcrypt_sha256|scrypt|argon2)\$[^\s'"]{20,400}/g, replacement: MARK },
  "spring hash": {
    pattern: /\{(?:bcrypt|argon2|pbkdf2|scrypt|noop|ldap|MD4|MD5|SHA-1|SHA-256|sha256)(?:@[\w.]{1,20})?\}[^\s'"]{1,300}/g,
    replacement: MARK,
  },
  "crypt hash": {
    pattern: /\$(?:1|5|6|7|y|gy|sha1|pbkdf2(?:-sha\d{1,3})?|bcrypt-sha256|scrypt)\$[^\s:,;'"]{8,400}/g,
    replacement: MARK,
  },
  "salted sha": { pattern: /\bsha(?:1|224|256|384|512)\$[^\s'"$]{0,128}\$[0-9a-fA-F]{32,128}/g, replacement: MARK },
  "postgres verifier": {
    pattern: /\bSCRAM-SHA-256\$\d{1,9}:[A-Za-z0-9+/=]{1,128}\$[A-Za-z0-9+/=]{1,128}:[A-Za-z0-9+/=]{1,128}/g,
    replacement: MARK,
  },
  "postgres md5": { pattern: /\bmd5[0-9a-f]{32}\b/g, replacement: MARK },
  "mysql hash": { pattern: /\*[0-9A-F]{40}\b/g, replacement: MARK },
  "password in sql": {
    pattern: new RegExp(
      String.raw`(\b(?:identified\s{1,5}(?:with\s{1,5}[\w']{1,64}\s{1,5})?(?:by|as)|set\s{1,5}password(?:\s{1,5}for\s{1,5}[^=\r\n]{1,200})?\s{0,5}=|password)\s{0,5}(?:password\s{0,5}\(?\s{0,5}|\(\s{0,5})?(?:e|u&)?)${QUOTED}`,
      "gi",
    ),
    replacement: `$1'${MARK}'`,
  },
  "named value": {
    pattern: new RegExp(String.raw`(\b[\w.-]{0,40}${NAME}${SUFFIX}${ASSIGN})(?!chauthtok\b)${VALUE}`, "gi"),
    replacement: `$1${MARK}`,
  },
  "signed query": {
    pattern: /([?&](?:code|sig|signature|auth|key|ticket|x-amz-(?:signature|credential|security-token))=)[^\s&#"']{1,4096}/gi,
    replacement: `$1${MARK}`,
  },
  // `/reset/<token>`, Django's `/reset/<id>/<token>/`: what a mail's link carries. A word alone ("/reset/done") is no token.
  "token in a path": {
    pattern:
      /(\/[\w-]{0,40}(?:reset|confirm|verif|activat|invit|magic|unlock|recover|token)[\w-]{0,20}\/(?:[\w-]{1,64}\/){0,1})(?:(?=[\w.~%=-]{0,512}\d)[\w.~%=-]{8,1024}|[\w.~%=-]{20,1024})/gi,
    replacement: `$1${MARK}`,
  },
} as const satisfies Readonly<Record<string, Shape>>;

/** The kinds of secret that are taken out by their shape; row values next to passwords come on top. */
export const SECRET_KINDS = Object.keys(SHAPES);

const SHAPE_LIST: readonly Shape[] = Object.values(SHAPES);

// PostgreSQL writes the parameters of an extended-protocol statement in a line of their own: row values, and nobody can tell which is which.
const PARAMETERS = /((?:^|[\s:])parameters: )\$\d{1,5} = [^\r\n]{1,65536}/gi;
const AUDIT =
  /(AUDIT: (?:SESSION|OBJECT),\d{1,12},\d{1,12},[A-Z]{1,16},[^,\r\n]{0,64},[^,\r\n]{0,64},[^,\r\n]{0,256},(?:"(?:[^"]|""){0,65536}"|[^",\r\n]{0,65536}),)(?!<)("(?:[^"]|""){0,65536}"?|[^",\r\n]{1,65536})/g;
const WRITES = /\b(?:insert\s{1,5}into|update|merge\s{1,5}into|upsert|copy)\b/i;
const PASSWORD_COLUMN = /passw(?:or)?d|passphrase|pwd|secret|token|credential/i;
const LITERALS = /'(?:[^'\\]|''|\\.){0,65536}'?/g;

/** The text without its secrets (and without colours, which could stand inside one), each replaced by `[redacted]`. */
export function redact(text: string): string {
  const plain = withoutTerminalSequences(text);
  return redactRows(SHAPE_LIST.reduce((rest, { pattern, replacement }) => rest.replace(pattern, replacement), redactParameters(plain)));
}

function redactParameters(text: string): string {
  return text.replace(PARAMETERS, `$1${MARK}`).replace(AUDIT, `$1${MARK}`);
}

/** A statement that writes beside a password column: which of its literals is the password depends on their order, so all of them go. */
function redactRows(text: string): string {
  const write = text.search(WRITES);
  if (write === -1 || !PASSWORD_COLUMN.test(text.slice(write))) return text;
  return text.slice(0, write) + text.slice(write).replace(LITERALS, `'${MARK}'`);
}

/** Longer records are cut before anything matches; no record that people write is as long. */
const RECORD_LIMIT = 65_536;

/** A log record as it may stand in an alert: without secrets, on one line, every character visible, no longer than `limit`. */
export function excerptOf(record: string, limit = 500): string {
  return shorten(visible(redact(capped(record))), limit);
}

// The last word may be half a secret that no longer looks like one.
function capped(record: string): string {
  if (record.length <= RECORD_LIMIT) return record;
  const cut = record.slice(0, RECORD_LIMIT);
  const end = Math.max(cut.lastIndexOf(" "), cut.lastIndexOf("\n"));
  return end === -1 ? cut : cut.slice(0, end);
}

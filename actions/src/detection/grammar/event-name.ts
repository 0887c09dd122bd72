/** What the name of an event says happened: `auth.login_failed`, `UserCreated`, `added-user-account`, `AUTHENTICATION_FAILURE`. */
import type { EventKind } from "../../domain/index.ts";
import { type Clue, clue, together } from "../clue.ts";

export interface NamedEvent {
  readonly kind: EventKind;
  readonly happened: boolean;
  /** The noun of a deletion, where it is one of data: `orders` of `orders.deleted`. */
  readonly table: string | null;
}

const set = (words: string): ReadonlySet<string> => new Set(words.split(" "));

const USER = set("user users account accounts member members");
const PASSWORD = set("password passwords passwd pwd passphrase");
const LOGIN = set("login logins logon signin authn auth authentication logged authenticate authenticated credentials");
const CHANGED = set("change changed changes reset resetted update updated set rotated modified");
const CREATED = set("create created creates creation creating add added register registered registers registration provisioned new");
const DELETED = set(
  "delete deleted deletes deletion remove removed removal purge purged erase erased destroy destroyed truncate truncated wipe wiped drop dropped",
);
const FAILED = set("fail fails failed failure failures denied invalid rejected refused bad incorrect unsuccessful wrong error");
const UNDONE = set(
  "request requested requests requesting email mail sent send link token tokens code instructions forgot forgotten attempt attempted started initiated pending required expired expiry expires policy hint page form view viewed lock locked unlock unlocked logout max challenge prompt blocked cancelled canceled scheduled queued refresh refreshed mfa otp verification verify",
);
const ON = set("on enable enabled activate activated start started begin began created declared set opened");
const OFF = set("off disable disabled deactivate deactivated end ended stop stopped expired removed deleted lifted revoked closed");
const RAN = set("ran run applied executed completed complete success succeeded finished");
const FILLER = set("event events audit iam ok success succeeded successful successfully completed complete done by self admin app");
const HOUSEKEEPING = set(
  "cache file files session sessions token tokens cookie lock key index message messages image container pod queue job task temp tmp subscription notification notifications log logs role roles group groups permission permissions tag tags",
);

const LOGINS = [...LOGIN, ...together("sign", "in"), ...together("log", "in")];
const SIGNED_UP = [...together("sign", "up"), ...together("signed", "up"), "registration", "registered"];
// What a field beside the name may say of its outcome.
const OUTCOMES = ["false", "denied", "rejected", "unsuccessful"];

export const NAME_CLUES: readonly Clue[] = [
  clue(null, ["override"]),
  clue("migration-ran", ["migration", "migrate"]),
  clue("statement-refused", ["refused"], ["statement"]),
  clue("password-changed", [...PASSWORD], [...CHANGED]),
  clue("auth-failed", LOGINS, [...FAILED, ...OUTCOMES]),
  clue("auth-succeeded", LOGINS),
  clue("user-created", [...USER], [...CREATED]),
  clue("user-created", SIGNED_UP),
  clue("row-deleted", [...DELETED]),
];

/** Null: the name says nothing that is known here. */
export function readEventName(name: string): NamedEvent | null {
  const words = splitName(name);
  if (words.length === 0 || words.length > 8) return null;
  const has = (known: ReadonlySet<string>): boolean => words.some((word) => known.has(word));
  const told = (kind: EventKind, happened = true, table: string | null = null): NamedEvent => ({ kind, happened, table });

  if (words.includes("override") || words.includes("overrides"))
    return has(OFF) ? told("override-off") : has(ON) ? told("override-on") : null;
  if (words.includes("migration") || words.includes("migrations") || words.includes("migrate"))
    return has(RAN) && !has(FAILED) ? told("migration-ran") : null;
  if (words.includes("statement") && words.includes("refused")) return told("statement-refused");
  if (has(PASSWORD) && has(CHANGED)) return told("password-changed", !has(UNDONE) && !has(FAILED));
  const login = has(LOGIN) || follows(words, "sign", "in") || follows(words, "log", "in");
  if (login && has(FAILED) && !has(UNDONE)) return told("auth-failed");
  if (has(PASSWORD)) return null;
  if (login && !has(UNDONE) && !has(DELETED) && !has(CREATED) && !has(CHANGED) && !words.includes("out")) return told("auth-succeeded");
  if (isCreation(words)) return told("user-created", !has(UNDONE) && !has(FAILED));
  if (has(DELETED)) {
    const noun = deletedNoun(words);
    return noun === null ? null : told("row-deleted", !has(UNDONE) && !has(FAILED), noun);
  }
  return null;
}

/** Whether a word or phrase is shaped like a name and not like a sentence. */
export function isEventName(text: string): boolean {
  return text.length <= 80 && /^[A-Za-z][\w.:/-]*$/.test(text);
}

function splitName(name: string): string[] {
  return name
    .slice(0, 120)
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "");
}

function follows(words: readonly string[], first: string, second: string): boolean {
  const at = words.indexOf(first);
  return at !== -1 && words[at + 1] === second;
}

/** `user.created`, `added-user-account`, `signup`: nothing but fillers may stand between and behind the two words. */
function isCreation(words: readonly string[]): boolean {
  const known = words.filter((word) => !FILLER.has(word) && !UNDONE.has(word) && !FAILED.has(word));
  if (known.at(-1) === "signup" || follows(words, "sign", "up") || follows(words, "signed", "up")) return true;
  if (known.length === 1 && (known[0] === "registration" || known[0] === "registered")) return true;
  const verb = known.findIndex((word) => CREATED.has(word));
  if (verb === -1) return false;
  const after = known.slice(verb + 1);
  return after.length > 0 ? after.every((word) => USER.has(word)) : verb > 0 && USER.has(known[verb - 1] ?? "");
}

function deletedNoun(words: readonly string[]): string | null {
  const verb = words.findIndex((word) => DELETED.has(word));
  const before = words[verb - 1];
  const noun = before === undefined || FILLER.has(before) ? words.slice(verb + 1).find((word) => !FILLER.has(word)) : before;
  if (noun === undefined || HOUSEKEEPING.has(noun)) return null;
  return noun;
}

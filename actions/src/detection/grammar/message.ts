/**
 * What a sentence of an application says happened: "Password changed for user 'bob' by 'ada' from 203.0.113.9", "3 orders deleted", "User bob
 * created by ada". The sentence must begin with it: what stands later may have been written by a user.
 */
import type { EventKind } from "../../domain/index.ts";
import { type Clue, clue } from "../clue.ts";
import { canonicalAddress, lastAddress } from "./address.ts";
import { hasEscapes, stripEscapes } from "./ansi.ts";
import { readIso } from "./clock.ts";
import { readTokens, type Token, type Tokens } from "./tokens.ts";
import { classify, type Sentence, wordsOfClasses } from "./words.ts";

export interface Told {
  readonly kind: EventKind;
  readonly happened: boolean;
  readonly actor: string | null;
  readonly target: string | null;
  readonly ip: string | null;
  readonly table: string | null;
  readonly rows: number | null;
  /** Whether the words call the actor an administrator. */
  readonly words: boolean | null;
  readonly migration: string | null;
  readonly override: { readonly reason: string | null; readonly until: number | null } | null;
}

/** What every sentence that the grammar understands holds, in any case. */
const STEMS = [
  "login",
  "logon",
  "log in",
  "log on",
  "log-in",
  "logged",
  "sign",
  "auth",
  "credential",
  "passw",
  "passphrase",
  "passcode",
  "pwd",
  "creat",
  "added",
  "provision",
  "insert",
  "onboard",
  "regist",
  "enrol",
  "new user",
  "new account",
  "new member",
  "delet",
  "remov",
  "purg",
  "eras",
  "destroy",
  "dropped",
  "truncat",
  "wiped",
  "expunge",
  "override",
  "migration",
] as const;
const STEM = new RegExp(STEMS.join("|"), "i");

interface Form {
  readonly kind: EventKind;
  /** Over the classes of words; groups name the tokens that matter. */
  readonly shape: RegExp;
  readonly happened?: false;
}

// One name: quoted, a number, or a word that means nothing here; "admin" and "root" are names as well as roles.
const NAME = "[NwnR]";
const WHO = `[UR]{0,2}(?<actor>${NAME})`;
const WHOM = `[UR]{0,2}(?<target>${NAME})`;
// What may follow a complete statement: its end, or how, by whom, from where, for whom.
const END = "(?=$|[bfmoti:;.,S])";
const NOUN = "[wUDjx]";

const FORMS: readonly Form[] = [
  // "Override ON by admin 'ada' until …", "Maintenance override enabled", "ada disabled the override".
  { kind: "override-on", shape: /^w?Oq/d },
  { kind: "override-off", shape: /^w?Oz/d },
  { kind: "override-on", shape: /^qw?O/d },
  { kind: "override-off", shape: /^zw?O/d },
  { kind: "override-on", shape: new RegExp(`^${WHO}qw?O`, "d") },
  { kind: "override-off", shape: new RegExp(`^${WHO}zw?O`, "d") },

  // "Invalid username or password for bob", "Failed login attempt", "Wrong password".
  { kind: "auth-failed", shape: /^F{1,2}U?[LPCg](?![chkdQ])P?A?/d },
  { kind: "auth-failed", shape: new RegExp(`^[FX]t?g(?:[UR]{0,2}(?<actor>${NAME}))?`, "d") },
  { kind: "auth-failed", shape: new RegExp(`^[FX]tL(?:[UR]{0,2}(?<actor>${NAME}))?`, "d") },
  { kind: "auth-failed", shape: /^U?[LC]A?F/d },
  { kind: "auth-failed", shape: new RegExp(`^LA?[fbo]${WHO}F`, "d") },
  { kind: "auth-failed", shape: new RegExp(`^${WHO}(?:Ft?[gLP](?![ch])|[FX]t?g|eF[PCL]|:?LA?F)`, "d") },
  { kind: "auth-succeeded", shape: /^SL/d },
  { kind: "auth-succeeded", shape: /^SP(?![chkdQ])(?=[f])/d },
  { kind: "auth-succeeded", shape: /^U?LA?S/d },
  { kind: "auth-succeeded", shape: new RegExp(`^LA?[fbo]${WHO}S`, "d") },
  { kind: "auth-succeeded", shape: new RegExp(`^${WHO}G`, "d") },
  { kind: "auth-succeeded", shape: new RegExp(`^G[f:]?${WHO}`, "d") },

  // Asked for, tried or refused: nothing changed.
  { kind: "password-changed", shape: new RegExp(`^U?P(?:[fo]${WHOM})?[ch][QFXA]`, "d"), happened: false },
  { kind: "password-changed", shape: new RegExp(`^U?P(?:[fo]${WHOM})?(?:c|hS)(?![QFXAPj])`, "d") },
  { kind: "password-changed", shape: new RegExp(`^${WHOM}s?P(?:c|hS)(?![QFXAPj])`, "d") },
  { kind: "password-changed", shape: /^c(?<rows>n)?P(?![QFXAchj])/d },
  { kind: "password-changed", shape: /^(?<rows>n)P(?:c|hS)(?![QFXA])/d },
  { kind: "password-changed", shape: new RegExp(`^c${WHOM}s?P(?![QFXAchj])`, "d") },
  { kind: "password-changed", shape: new RegExp(`^${WHO}cP(?![QFXAchj])(?:[fo]${WHOM})?`, "d") },
  { kind: "password-changed", shape: new RegExp(`^${WHO}c${WHOM}s?P(?![QFXAchj])`, "d") },

  // Someone put into a group or given something is not a new account.
  { kind: "user-created", shape: new RegExp(`^[ku](?<rows>n)?v?[UR]?U[:f]?(?<target>${NAME})${END}(?!t)`, "d") },
  { kind: "user-created", shape: /^[ku](?<rows>n)?v?[UR]?U(?=$|[bmf:;.,S])/d },
  { kind: "user-created", shape: new RegExp(`^v?[UR]?U:?(?<target>${NAME})[ku]${END}(?!t)`, "d") },
  { kind: "user-created", shape: new RegExp(`^v?[UR]?Uf(?<target>${NAME})[ku]${END}(?!t)`, "d") },
  { kind: "user-created", shape: new RegExp(`^(?<rows>n)?v?[UR]?U[ku]:(?<target>${NAME})`, "d") },
  { kind: "user-created", shape: /^(?<rows>n)?v?[UR]?U[ku](?=$|[bmf:;.,S])/d },
  { kind: "user-created", shape: new RegExp(`^v[UR]?U:?(?<target>${NAME})(?=$|[bm:;.,])`, "d") },
  { kind: "user-created", shape: /^v?U?YS/d },
  { kind: "user-created", shape: new RegExp(`^v?U?Y:(?<target>${NAME})`, "d") },
  { kind: "user-created", shape: new RegExp(`^v?U?Yf${WHOM}S`, "d") },
  { kind: "user-created", shape: new RegExp(`^${WHO}[ku](?<rows>n)?v?[UR]?U[:f]?(?<target>${NAME})${END}(?!t)`, "d") },
  { kind: "user-created", shape: new RegExp(`^${WHO}[ku](?<rows>n)?v?[UR]?U(?=$|[bm;.,])`, "d") },
  { kind: "user-created", shape: new RegExp(`^(?<target>${NAME})u(?=$|[bm;.,]|f(?!w))`, "d") },

  { kind: "row-deleted", shape: new RegExp(`^d(?<noun>v?[UR]?U)(?<target>${NAME})${END}`, "d") },
  { kind: "row-deleted", shape: new RegExp(`^d(?<rows>n|y|X)?(?<noun>v?${NOUN}{1,3}?)(?<target>[NnR])?${END}`, "d") },
  { kind: "row-deleted", shape: new RegExp(`^(?<noun>[UR]?U)(?<target>${NAME})d${END}`, "d") },
  { kind: "row-deleted", shape: new RegExp(`^(?<rows>n|y|X)?(?<noun>v?${NOUN}{1,3}?)(?<target>[NnR])?d${END}`, "d") },
  { kind: "row-deleted", shape: new RegExp(`^${WHO}d(?<noun>v?[UR]?U)(?<target>${NAME})${END}`, "d") },
  { kind: "row-deleted", shape: new RegExp(`^${WHO}d(?<rows>n|y|X)?(?<noun>v?${NOUN}{1,3}?)(?<target>[NnR])?${END}`, "d") },

  { kind: "migration-ran", shape: new RegExp(`^pM:?(?<migration>${NAME})`, "d") },
  { kind: "migration-ran", shape: new RegExp(`^M(?<migration>${NAME})(?:p|S)`, "d") },
];

// Without a word of these classes no form of a kind fits: most sentences are done with after these.
const KEY_WORDS: Readonly<Record<EventKind, RegExp>> = {
  "override-on": /O/,
  "override-off": /O/,
  "auth-failed": /[FX]/,
  "auth-succeeded": /[SG]/,
  "password-changed": /P/,
  "user-created": /[kuYv]/,
  "row-deleted": /d/,
  "migration-ran": /M/,
  "statement-refused": /^$/,
};

/** The classes without which no form of a kind fits. */
export const SENTENCE_CLUES: readonly Clue[] = [
  clue(null, ["override"]),
  clue("auth-failed", wordsOfClasses("LCgP"), wordsOfClasses("FX")),
  clue("auth-succeeded", wordsOfClasses("LP"), wordsOfClasses("S")),
  clue("auth-succeeded", wordsOfClasses("G")),
  clue("password-changed", wordsOfClasses("P"), wordsOfClasses("ch")),
  clue("user-created", wordsOfClasses("ku"), wordsOfClasses("U")),
  clue("user-created", wordsOfClasses("uY")),
  clue("user-created", wordsOfClasses("U"), wordsOfClasses("v")),
  clue("row-deleted", wordsOfClasses("d")),
  clue("migration-ran", wordsOfClasses("M")),
];

// Names of what was logged, not of what happened: "AUDIT: User bob deleted", "[security] Failed login".
const LABEL =
  /^(?:\[[\w .:-]{1,40}\]\s{1,3}|(?:audit|security|auth|authentication|event|notice|info|warn|warning|action|alert|admin|user ?service|log)\s{0,2}(?::|\||-\s)\s{0,3}){1,3}/i;

export function readMessage(message: string): Told | null {
  if (!STEM.test(message)) return null;
  const told = readSentence(message);
  return told ?? (hasEscapes(message) ? readSentence(stripEscapes(message)) : null);
}

// A sentence is short; whatever a user adds makes it long.
const MESSAGE_LIMIT = 4_096;

function readSentence(message: string): Told | null {
  const bare = message.slice(0, MESSAGE_LIMIT).replace(LABEL, "").trimStart();
  const words = readTokens(bare);
  const sentence = classify(words.tokens);
  const fit = fitOf(sentence.shape);
  return fit === null ? null : complete(fit, sentence, words, bare);
}

/** A form that a shape fits, and how. */
interface Fit {
  readonly form: Form;
  /** The part of the shape that is the statement. */
  readonly core: string;
  readonly places: Readonly<Record<string, readonly [number, number] | undefined>>;
}

// An application has some dozens of sentences, which differ in names and numbers alone.
const fits = new Map<string, Fit | null>();
const FITS_KEPT = 2_000;

function fitOf(shape: string): Fit | null {
  const known = fits.get(shape);
  if (known !== undefined) return known;
  const fit = findFit(shape);
  if (fits.size >= FITS_KEPT) fits.clear();
  fits.set(shape, fit);
  return fit;
}

function findFit(shape: string): Fit | null {
  for (const form of FORMS) {
    if (!KEY_WORDS[form.kind].test(shape)) continue;
    const match = form.shape.exec(shape);
    if (match !== null) return { form, core: match[0], places: match.indices?.groups ?? {} };
  }
  return null;
}

function complete({ form, core, places }: Fit, sentence: Sentence, words: Tokens, message: string): Told | null {
  const phrases = readPhrases(sentence, core.length);
  const group = (name: string): Token | null => {
    const place = places[name];
    return place === undefined ? null : (sentence.tokens[place[0]] ?? null);
  };
  const inCore = (letter: string): boolean => core.includes(letter);
  const named = words.pairs.get("target") ?? null;
  const by = phrases.by ?? words.pairs.get("by") ?? words.pairs.get("actor") ?? null;
  const target = group("target")?.text ?? phrases.for ?? named;
  const user = words.pairs.get("user") ?? words.pairs.get("username") ?? words.pairs.get("account") ?? null;
  const roleBefore = places.actor !== undefined && inCore("R") && group("actor")?.word !== "admin";
  const said: Said = {
    kind: form.kind,
    happened: form.happened ?? true,
    ip: addressIn(words, message),
    words: phrases.byAdmin || roleBefore ? true : null,
  };
  if (form.kind === "auth-failed" || form.kind === "auth-succeeded") {
    const actor = group("actor")?.text ?? phrases.for ?? by ?? user ?? phrases.bare ?? namedAfter(sentence, core.length);
    return tellOf(said, notAnAddress(actor), null);
  }
  if (form.kind === "override-on" || form.kind === "override-off")
    return tellOf(said, group("actor")?.text ?? by ?? user, null, { override: overrideIn(phrases, words, message) });
  if (form.kind === "migration-ran") return tellOf(said, by, null, { migration: group("migration")?.text ?? null });
  if (form.kind === "row-deleted") return deletion(said, { by, target, phrases, words }, group, { core, noun: places.noun }, sentence);
  const actor = group("actor")?.text ?? by;
  const whom = target ?? phrases.bare ?? (form.kind === "password-changed" ? (user ?? actor) : user);
  const self = actor !== null && /^(?:self|himself|herself|themselves|themself|owner)$/i.test(actor);
  const rows = group("rows") === null ? null : Number(group("rows")?.text);
  if (form.kind === "password-changed" || self) {
    const who = self ? whom : (actor ?? whom);
    const selfMade = self || (actor !== null && actor === whom && rows === null && said.words === null);
    return tellOf({ ...said, words: selfMade ? false : said.words }, who, rows === null ? whom : target, { rows });
  }
  // Who registers makes an account of their own.
  return tellOf(said, actor ?? (inCore("u") || inCore("Y") ? whom : null), whom, { rows });
}

type Said = Pick<Told, "kind" | "happened" | "ip" | "words">;

function tellOf(
  { kind, happened, ip, words }: Said,
  actor: string | null,
  target: string | null,
  { table = null, rows = null, migration = null, override = null }: Partial<Pick<Told, "table" | "rows" | "migration" | "override">> = {},
): Told {
  return { kind, happened, actor, target, ip, table, rows, words, migration, override };
}

interface Context {
  readonly by: string | null;
  readonly target: string | null;
  readonly phrases: Phrases;
  readonly words: Tokens;
}

/** A deletion counts when it is of data: housekeeping of files and caches, and taking someone out of a group, are none. */
function deletion(
  said: Said,
  context: Context,
  group: (name: string) => Token | null,
  { core, noun }: { readonly core: string; readonly noun: readonly [number, number] | undefined },
  sentence: Sentence,
): Told | null {
  if (noun === undefined) return null;
  const letters = sentence.shape.slice(noun[0], noun[1]);
  const nouns = sentence.tokens.slice(noun[0], noun[1]).map((token) => token.word);
  const from = context.phrases.from;
  const quantity = group("rows");
  const counted = quantity?.type === "number" ? Number(quantity.text) : null;
  const rows = counted ?? numberOf(context.words.pairs.get("rows") ?? context.words.pairs.get("count"));
  if (letters.includes("x")) return null;
  // "bob deleted" names nobody's row; "orders deleted" does.
  const named = quantity !== null || group("target") !== null || context.words.pairs.size > 0;
  if (letters === "w" && !named && core.endsWith("d") && !/s$/.test(nouns[0] ?? "")) return null;
  const ofRows = letters.endsWith("D") || nouns.at(-1) === "items" || nouns.at(-1) === "item";
  if (from !== null && !ofRows && !PLACES.has(from.toLowerCase())) return null;
  const table =
    ofRows && from !== null ? from : (nouns.filter((noun) => noun !== "new").find((noun) => !GENERIC.has(noun)) ?? nouns[0] ?? null);
  const nothing = rows === 0 || quantity?.word === "no" || quantity?.word === "zero";
  return tellOf(
    { ...said, happened: !nothing },
    group("actor")?.text ?? context.by,
    group("target")?.text ?? (letters.endsWith("U") ? context.phrases.for : null),
    { table, rows },
  );
}

const PLACES = new Set(["database", "db", "table", "system", "store", "storage"]);
const GENERIC = new Set([
  "table",
  "tables",
  "row",
  "rows",
  "record",
  "records",
  "entry",
  "entries",
  "item",
  "items",
  "old",
  "stale",
  "inactive",
  "duplicate",
  "data",
]);

/** "Authentication failed: invalid password for user 'bob'": the account that the reason names. */
function namedAfter(sentence: Sentence, start: number): string | null {
  const found = /[fo][UR]{0,2}(?<name>[NwnR])|U(?<user>[NwnR])/d.exec(sentence.shape.slice(start));
  const place = found?.indices?.groups?.name ?? found?.indices?.groups?.user;
  return place === undefined ? null : (sentence.tokens[start + place[0]]?.text ?? null);
}

interface Phrases {
  by: string | null;
  byAdmin: boolean;
  for: string | null;
  from: string | null;
  until: string | null;
  /** A name right after the statement, or after its colon. */
  bare: string | null;
  /** Index of the token that begins free text, after the statement's colon. */
  rest: number | null;
}

const NAMED = /[NwnRUjx]/;

/** Who, whom, where from, until when, after the statement; free text begins at the first colon that is followed by more than a name. */
function readPhrases(sentence: Sentence, start: number): Readonly<Phrases> {
  const phrases: Phrases = { by: null, byAdmin: false, for: null, from: null, until: null, bare: null, rest: null };
  const { shape, tokens } = sentence;
  if (NAMED.test(shape.charAt(start)) && shape.charAt(start) !== "U") phrases.bare = tokens[start]?.text ?? null;
  else if (shape.charAt(start) === "U" && NAMED.test(shape.charAt(start + 1))) phrases.bare = tokens[start + 1]?.text ?? null;
  else if (shape.charAt(start) === ":" && /^:U?[NwnR](?=$|[bmf,.;])/.test(shape.slice(start)))
    phrases.bare = tokens[shape.charAt(start + 1) === "U" ? start + 2 : start + 1]?.text ?? null;
  for (let at = start; at < shape.length; at++) {
    const letter = shape.charAt(at);
    if (letter === ":" && (at > start || phrases.bare === null)) {
      phrases.rest = sentence.origins[at] ?? null;
      return phrases;
    }
    if (!"bfomi".includes(letter)) continue;
    const roles = /^[UR]{0,2}(?=[NwnRUj])/.exec(shape.slice(at + 1))?.[0] ?? "";
    const name = tokens[at + 1 + roles.length];
    if (name === undefined || !NAMED.test(shape.charAt(at + 1 + roles.length))) continue;
    if (letter === "b") {
      phrases.by ??= name.text;
      phrases.byAdmin ||= roles.includes("R");
    } else if (letter === "i") phrases.until ??= name.text;
    else if (letter !== "m") phrases.for ??= name.text;
    else if (canonicalAddress(name.text) === null) phrases.from ??= (name.word === "table" ? tokens[at + 2]?.text : name.text) ?? null;
  }
  return phrases;
}

function overrideIn(phrases: Phrases, words: Tokens, message: string) {
  const until = phrases.until ?? words.pairs.get("until") ?? words.pairs.get("expires") ?? null;
  const clock = until === null ? null : readIso(until, 0);
  const rest = phrases.rest === null ? null : message.slice((words.starts[phrases.rest] ?? 0) + 1).trim();
  return { reason: rest ?? words.pairs.get("reason") ?? null, until: clock?.zone === "offset" ? clock.ms : null };
}

function addressIn(words: Tokens, message: string): string | null {
  return lastAddress(message) ?? canonicalAddress(words.pairs.get("ip") ?? "");
}

function notAnAddress(name: string | null): string | null {
  return name !== null && canonicalAddress(name) !== null ? null : name;
}

function numberOf(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,12}$/.test(text) ? Number(text) : null;
}

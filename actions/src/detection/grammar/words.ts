/**
 * The vocabulary of application messages. Every word has a class of one letter, so that a sentence becomes a short string in which the
 * grammar looks for shapes.
 */
import type { Token } from "./tokens.ts";

const CLASSES: Readonly<Record<string, string>> = {
  F: "failed failure failures fail fails failing invalid unsuccessful bad wrong incorrect rejected denied refused unauthorized illegal mismatch",
  S: "successful succeeded succeeds success ok accepted completed complete done granted finished",
  X: "no zero not cannot can't couldn't unable error errors would will should may might never without couldnt wont won't isn't wasn't dry aborted cancelled canceled skipped skipping ignored forbidden disallowed prevented blocked",
  L: "login logins logon log-in signin sign-in sign-on authentication auth authn",
  g: "authenticate authenticating",
  G: "authenticated logged-in",
  P: "password passwords passwd passphrase passcode pwd",
  C: "credential credentials",
  U: "user users account accounts member members username userid",
  R: "admin admins administrator superuser root operator staff superadmin",
  A: "attempt attempts try tries attempted",
  c: "changed updated reset resetted set modified rotated replaced overwritten",
  h: "change update changing",
  k: "created added provisioned inserted onboarded",
  u: "registered enrolled",
  Y: "registration signup sign-up enrollment enrolment",
  v: "new",
  d: "deleted removed purged erased destroyed dropped truncated wiped expunged bulk-deleted hard-deleted soft-deleted",
  D: "row rows record records entry entries",
  Q: "requested request requests requesting email mail link links token tokens code codes instructions instruction reminder policy policies settings requirements hint strength rules expiry page form screen sent initiated started required pending expired expires scheduled queued emailed asked",
  j: "profile profiles role roles group groups permission permissions preference preferences avatar address addresses directory list interface input agent story data count detail details information info",
  x: "cache caches cached cookie cookies file files tmp temp temporary folder folders directory directories lock locks session sessions queue queues image images container containers pod pods volume volumes key keys index indexes indices thread threads connection connections socket sockets branch branches node nodes instance instances snapshot snapshots backup backups listener handler handlers packet packets log logs path paths url object-key channel subscription subscriptions job jobs task tasks timer worker workers header headers tag tags worktree plugin package module buffer bucket route routes filter bean watcher item-from-cart",
  O: "override overrides",
  q: "on enabled activated begins began enabling engaged active",
  z: "off disabled deactivated ended lifted revoked over",
  M: "migration migrations",
  p: "applied ran executed running applying",
  y: "all every any",
  e: "entered provided supplied used gave submitted typed",
  b: "by",
  f: "for as",
  o: "of",
  m: "from",
  t: "to into",
  i: "until till",
};

/** Every word of these classes, to be searched for in text; one that is too short to be told from a part of others has the blank behind it. */
export function wordsOfClasses(letters: string): readonly string[] {
  const words = [...letters].flatMap((letter) => CLASSES[letter]?.split(" ") ?? []);
  const pairs = [...PAIRS_OF_WORDS].flatMap(([pair, letter]) => (letters.includes(letter) ? [pair] : []));
  return [...words, ...pairs].map((word) => (word.length < 3 ? `${word} ` : word));
}

// They carry no meaning of their own here, and names hardly ever look like them.
const SILENT = new Set(
  "the a an his her their its my own has have had been was were is are be just now also successfully again then permanently manually automatically or and that this bulk batch mass".split(
    " ",
  ),
);

const CLASS_OF = new Map(Object.entries(CLASSES).flatMap(([letter, words]) => words.split(" ").map((word) => [word, letter] as const)));

export interface Sentence {
  /** One letter per token: its class, N a name (quoted, or with a digit in it), n a number, w any other word, `:` and `,` marks. */
  readonly shape: string;
  readonly tokens: readonly Token[];
  /** Index of the source token of each, for finding the text that follows. */
  readonly origins: readonly number[];
}

const PAIRS_OF_WORDS: ReadonlyMap<string, string> = new Map([
  ["logged in", "G"],
  ["logged on", "G"],
  ["signed in", "G"],
  ["signed on", "G"],
  ["signed up", "u"],
  ["log in", "g"],
  ["log on", "g"],
  ["sign in", "g"],
  ["sign up", "Y"],
  ["could not", "X"],
  ["can not", "X"],
  ["did not", "X"],
  ["dry run", "X"],
]);

const FIRST_OF_PAIRS = new Set([...PAIRS_OF_WORDS.keys()].map((pair) => pair.split(" ", 1)[0]));

export function classify(tokens: readonly Token[]): Sentence {
  const kept: Token[] = [];
  const origins: number[] = [];
  let shape = "";
  const keep = (letter: string, token: Token, index: number) => {
    shape += letter;
    kept.push(token);
    origins.push(index);
  };
  for (let index = 0; index < tokens.length; index++) {
    const token = tokens[index];
    if (token === undefined) break;
    const pair =
      token.type === "word" && FIRST_OF_PAIRS.has(token.word)
        ? PAIRS_OF_WORDS.get(`${token.word} ${tokens[index + 1]?.word ?? ""}`)
        : undefined;
    if (pair !== undefined) {
      keep(pair, token, index);
      index++;
    } else if (token.type === "name") keep("N", token, index);
    else if (token.type === "number") keep("n", token, index);
    else if (token.type === "mark")
      keep(token.word === "," ? "," : token.word === "|" || token.word === ";" ? ";" : token.word, token, index);
    else if (token.word === "'s") keep("s", token, index);
    else if (token.word === "-" || token.word === "\u2013" || token.word === "\u2014" || token.word === "->") keep(";", token, index);
    else if (!SILENT.has(token.word)) keep(CLASS_OF.get(token.word) ?? (/\d/.test(token.word) ? "N" : "w"), token, index);
  }
  return { shape, tokens: kept, origins };
}

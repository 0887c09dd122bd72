/** Words of a log message, with names kept apart from words: a quoted name never counts as part of the sentence. */

export interface Token {
  readonly type: "word" | "name" | "number" | "mark";
  /** As the line has it, without quotes. */
  readonly text: string;
  /** Lower case. */
  readonly word: string;
}

export interface Tokens {
  readonly tokens: readonly Token[];
  /** `key=value` pairs, wherever they stand, keys in lower case. */
  readonly pairs: ReadonlyMap<string, string>;
  /** Where in the message each token begins. */
  readonly starts: readonly number[];
}

// A sentence says what happened in its first words; the rest is detail that a user may have written.
const TOKEN_LIMIT = 48;
const KEY_LIMIT = 40;
const KEY = /[\w.-]/;
const POSSESSIVE = /^(.+)['\u2019]s$/;
const [HASH, COLON, EQUALS] = [35, 58, 61] as const;

/** What a character means to the reader of words; everything beyond ASCII is part of a word, but for white space. */
const [LEAD, TRAIL, MARK, QUOTE, STOP, IN_KEY] = [1, 2, 4, 8, 16, 32] as const;
const MEANING = Uint8Array.from({ length: 128 }, (_, code) => {
  const char = String.fromCharCode(code);
  return (
    (/[\s([{<]/.test(char) ? LEAD : 0) |
    (")]}>".includes(char) ? TRAIL : 0) |
    (",;:!|".includes(char) ? MARK : 0) |
    (`'"\``.includes(char) ? QUOTE : 0) |
    (/[\s,;()[\]{}"|]/.test(char) ? STOP : 0) |
    (KEY.test(char) ? IN_KEY : 0)
  );
});
const SPACE = LEAD | STOP;

function meaningAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code < 128 ? (MEANING[code] ?? 0) : /\s/.test(text.charAt(at)) ? SPACE : 0;
}

export function readTokens(message: string): Tokens {
  const tokens: Token[] = [];
  const starts: number[] = [];
  const pairs = new Map<string, string>();
  let at = 0;
  const push = (token: Token, start: number) => {
    tokens.push(token);
    starts.push(start);
  };
  while (at < message.length && tokens.length < TOKEN_LIMIT) {
    const char = message.charAt(at);
    const meaning = meaningAt(message, at);
    const aside = char === "(" ? endOfAside(message, at) : -1;
    const closing = (meaning & QUOTE) === 0 ? -1 : closingQuote(message, at);
    if (aside !== -1) {
      for (const [key, value] of readTokens(message.slice(at + 1, aside)).pairs) pairs.set(key, value);
      at = aside + 1;
    } else if ((meaning & (LEAD | TRAIL)) !== 0) at++;
    else if ((meaning & MARK) !== 0) {
      push({ type: "mark", text: char, word: char }, at);
      at++;
    } else if (closing !== -1) {
      const name = message.slice(at + 1, closing);
      push({ type: "name", text: name, word: name }, at);
      at = closing + 1;
    } else {
      const start = endOfKey(message, at);
      const keyed = start > at;
      const end = endOfValue(message, start, keyed);
      if (!keyed) {
        pushWord(message.slice(at, end), at, push);
        at = message.startsWith("(s)", end) ? end + 3 : Math.max(end, at + 1);
      } else {
        const quoted = `'"`.includes(message.charAt(start)) && closingQuote(message, start) !== -1;
        pairs.set(message.slice(at, start - 1).toLowerCase(), quoted ? message.slice(start + 1, end - 1) : message.slice(start, end));
        at = end;
      }
    }
  }
  return { tokens, pairs, starts };
}

/** The end of "(id=65, role=user)": a remark beside the sentence, of which only pairs are read; -1 where it is none. */
function endOfAside(message: string, at: number): number {
  const end = message.indexOf(")", at);
  return end === -1 || end - at > 200 || message.slice(at + 1, end).includes("(") ? -1 : end;
}

/** Where the value of a `key=value` that begins at `at` begins; `at` where none does. */
function endOfKey(message: string, at: number): number {
  let end = at;
  while (end < at + KEY_LIMIT && (meaningAt(message, end) & IN_KEY) !== 0) end++;
  return end > at && message.charCodeAt(end) === EQUALS ? end + 1 : at;
}

/** The end of a quotation that begins at `at`: an apostrophe inside a word does not end it; -1 where it does not end. */
function closingQuote(message: string, at: number): number {
  const quote = message.charAt(at);
  for (let end = message.indexOf(quote, at + 1); end !== -1 && end - at <= 300; end = message.indexOf(quote, end + 1)) {
    const next = message.charAt(end + 1);
    if (next === "" || /[\s),.;:\]}'"]/.test(next)) return end;
  }
  return -1;
}

function endOfValue(message: string, start: number, pair: boolean): number {
  if (pair && `'"`.includes(message.charAt(start))) {
    const closing = closingQuote(message, start);
    if (closing !== -1) return closing + 1;
  }
  let end = start;
  while (end < message.length && (meaningAt(message, end) & STOP) === 0) {
    // A colon inside a word belongs to it (times, IPv6, change sets); at its end it is a mark.
    if (message.charCodeAt(end) === COLON && /^(?:\s|$)/.test(message.charAt(end + 1))) break;
    end++;
  }
  return end;
}

function pushWord(raw: string, at: number, push: (token: Token, start: number) => void): void {
  let end = raw.length;
  while (end > 0 && ".!?".includes(raw.charAt(end - 1))) end--;
  const text = end === raw.length ? raw : raw.slice(0, end);
  if (text !== "") {
    const possessive = text.endsWith("s") ? POSSESSIVE.exec(text)?.[1] : undefined;
    push(wordToken(possessive?.replace(/^['"]/, "") ?? text), at);
    if (possessive !== undefined) push({ type: "word", text: "'s", word: "'s" }, at);
  }
  if (end < raw.length) push({ type: "mark", text: ".", word: "." }, at);
}

function wordToken(text: string): Token {
  const bare = text.charCodeAt(0) === HASH ? text.slice(1) : text;
  return isNumber(bare) ? { type: "number", text: bare, word: bare } : { type: "word", text, word: text.toLowerCase() };
}

function isNumber(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (!(text.charCodeAt(at) >= 48 && text.charCodeAt(at) <= 57)) return false;
  return text.length >= 1 && text.length <= 12;
}

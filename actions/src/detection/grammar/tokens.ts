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
const PAIR = /[\w.-]{1,40}=/y;
const LEAD = /[\s([{<,]/;

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
    const aside = char === "(" ? endOfAside(message, at) : -1;
    if (aside !== -1) {
      for (const [key, value] of readTokens(message.slice(at + 1, aside)).pairs) pairs.set(key, value);
      at = aside + 1;
    } else if (LEAD.test(char) && char !== ",") at++;
    else if (")]}>".includes(char)) at++;
    else if (",;:!|".includes(char)) {
      push({ type: "mark", text: char, word: char }, at);
      at++;
    } else if (`'"\``.includes(char) && closingQuote(message, at) !== -1) {
      const end = closingQuote(message, at);
      push({ type: "name", text: message.slice(at + 1, end), word: message.slice(at + 1, end) }, at);
      at = end + 1;
    } else {
      PAIR.lastIndex = at;
      const key = PAIR.exec(message)?.[0];
      const start = at + (key?.length ?? 0);
      const end = endOfValue(message, start, key !== undefined);
      if (key === undefined) {
        for (const token of wordTokens(message.slice(at, end))) push(token, at);
        at = message.startsWith("(s)", end) ? end + 3 : end;
      } else {
        const quoted = `'"`.includes(message.charAt(start)) && closingQuote(message, start) !== -1;
        pairs.set(key.slice(0, -1).toLowerCase(), quoted ? message.slice(start + 1, end - 1) : message.slice(start, end));
        at = end;
      }
      if (end === start && key === undefined) at++;
    }
  }
  return { tokens, pairs, starts };
}

/** The end of "(id=65, role=user)": a remark beside the sentence, of which only pairs are read; -1 where it is none. */
function endOfAside(message: string, at: number): number {
  const end = message.indexOf(")", at);
  return end === -1 || end - at > 200 || message.slice(at + 1, end).includes("(") ? -1 : end;
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
  while (end < message.length && !/[\s,;()[\]{}"|]/.test(message.charAt(end))) {
    // A colon inside a word belongs to it (times, IPv6, change sets); at its end it is a mark.
    if (message.charAt(end) === ":" && /^(?:\s|$)/.test(message.charAt(end + 1))) break;
    end++;
  }
  return end;
}

function wordTokens(raw: string): Token[] {
  const text = raw.replace(/[.!?]+$/, "");
  const sentenceEnd: Token[] = text.length < raw.length ? [{ type: "mark", text: ".", word: "." }] : [];
  if (text === "") return sentenceEnd;
  const possessive = /^(.+)['\u2019]s$/.exec(text);
  if (possessive?.[1] !== undefined)
    return [wordToken(possessive[1].replace(/^['"]/, "")), { type: "word", text: "'s", word: "'s" }, ...sentenceEnd];
  return [wordToken(text), ...sentenceEnd];
}

function wordToken(text: string): Token {
  const bare = text.replace(/^#/, "");
  return /^\d{1,12}$/.test(bare) ? { type: "number", text: bare, word: bare } : { type: "word", text, word: text.toLowerCase() };
}

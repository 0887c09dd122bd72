/** What others wrote may steer a terminal, or reorder, join or hide what stands beside it. Here it loses that power, and nothing of what it says. */

/** Control characters, lone surrogates, and Unicode marks that reorder or hide text or are themselves invisible. */
export const HIDDEN_CHARACTERS = /[\u034f\u17b4\u17b5\u115f\u1160\u3164\uffa0\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/**
 * Terminal sequences, each alternative linear: its parts share no character. Strings to a terminal (titles, links) go only where they are
 * closed: an open one would swallow the rest of the record.
 */
const TERMINAL_SEQUENCES =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: terminal sequences begin with one
  /(?:\x1b\[|\x9b)[0-?]{0,4096}[ -/]{0,16}[@-~]|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]{0,4096}(?:\x07|\x9c|\x1b\\)|\x1b[ -/]{0,16}[0-~]/g;

/** Colours, cursor movements, links and titles for a terminal taken out. */
export function withoutTerminalSequences(text: string): string {
  return text.replace(TERMINAL_SEQUENCES, "");
}

/** One line in which every character can be seen: terminal sequences gone, what else is hidden shown as `\xNN` or `\u{N}`. */
export function visible(text: string): string {
  return withoutTerminalSequences(text).replace(HIDDEN_CHARACTERS, showHidden);
}

/** A hidden character by its number: `\x0a`, `\u{202e}`. */
export function showHidden(char: string): string {
  const point = char.codePointAt(0) ?? 0;
  return point < 0x100 ? `\\x${point.toString(16).padStart(2, "0")}` : `\\u{${point.toString(16)}}`;
}

/** At most `limit` UTF-16 units, the cut marked with how much is missing; never half a character. */
export function shorten(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const mark = `… (${text.length} characters)`;
  const kept = text.slice(0, Math.max(0, limit - mark.length)).replace(/[\ud800-\udbff]$/, "");
  return `${kept}${mark}`.slice(0, limit);
}

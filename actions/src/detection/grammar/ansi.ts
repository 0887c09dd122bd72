const ESCAPE = 0x1b;
const CSI = 0x9b;
const BELL = 0x07;

/**
 * Text without terminal escape sequences, in one pass: the pattern that is copied around for this takes seconds on `ESC[;;;;…`. An
 * unterminated sequence keeps its text, so that nobody hides the rest of a line behind one.
 */
export function stripEscapes(text: string): string {
  if (!hasEscapes(text)) return text;
  let kept = "";
  let from = 0;
  let at = 0;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code !== ESCAPE && code !== CSI) {
      at++;
      continue;
    }
    kept += text.slice(from, at);
    at = code === CSI ? endOfControl(text, at + 1) : endOfEscape(text, at + 1);
    from = at;
  }
  return kept + text.slice(from);
}

export function hasEscapes(text: string): boolean {
  return text.includes("\u001b") || text.includes("\u009b");
}

function endOfEscape(text: string, at: number): number {
  const kind = text.charCodeAt(at);
  if (kind === 0x5b) return endOfControl(text, at + 1);
  if (kind === 0x5d) return endOfCommand(text, at + 1);
  // Intermediate bytes and one final byte: character sets and the like.
  let end = at;
  while (end < text.length && text.charCodeAt(end) >= 0x20 && text.charCodeAt(end) <= 0x2f) end++;
  const final = text.charCodeAt(end);
  return final >= 0x30 && final <= 0x7e ? end + 1 : at;
}

function endOfControl(text: string, start: number): number {
  let at = start;
  while (at < text.length && text.charCodeAt(at) >= 0x20 && text.charCodeAt(at) <= 0x3f) at++;
  const final = text.charCodeAt(at);
  return final >= 0x40 && final <= 0x7e ? at + 1 : start;
}

// A title or a link: longer ones are no real sequence. The bound also keeps many unterminated ones linear.
const COMMAND_LIMIT = 512;

function endOfCommand(text: string, start: number): number {
  const limit = Math.min(text.length, start + COMMAND_LIMIT);
  for (let at = start; at < limit; at++) {
    const code = text.charCodeAt(at);
    if (code === BELL) return at + 1;
    if (code === ESCAPE) return text.charCodeAt(at + 1) === 0x5c ? at + 2 : start;
  }
  return start;
}

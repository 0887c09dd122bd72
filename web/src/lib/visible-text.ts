// Control characters and the Unicode marks that reorder or hide text; the line feed is layout.
const HIDDEN = /[\p{Cc}\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;

/** Text that others wrote, with everything invisible in it shown: a name must not read as another. */
export function visibleText(text: string): string {
  return text.replace(HIDDEN, (char) => (char === "\n" ? char : `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`));
}

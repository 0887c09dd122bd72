import { HIDDEN_CHARACTERS, showHidden } from "@holdfast/actions/domain";

/** Text that others wrote, with everything invisible in it shown (line breaks are layout): a name must not read as another. */
export function visibleText(text: string): string {
  return text.replace(HIDDEN_CHARACTERS, (char) => (char === "\n" ? char : showHidden(char)));
}

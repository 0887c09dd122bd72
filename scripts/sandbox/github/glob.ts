/** GitHub's filter patterns: `*` stops at a slash, `**` does not, `?` repeats the character before it, `!` takes back. */

function regexOf(pattern: string): RegExp {
  let source = "";
  for (let index = 0; index < pattern.length; index += 1) {
    const character = pattern.charAt(index);
    if (character === "*") {
      const double = pattern.charAt(index + 1) === "*";
      if (double && pattern.charAt(index + 2) === "/") {
        source += "(?:.*/)?";
        index += 2;
      } else {
        source += double ? ".*" : "[^/]*";
        index += double ? 1 : 0;
      }
    } else if (character === "?" || character === "+") {
      source += character;
    } else if (character === "[") {
      const end = pattern.indexOf("]", index);
      if (end === -1) throw new Error(`The filter pattern ${pattern} opens a bracket and never closes it`);
      source += pattern.slice(index, end + 1);
      index = end;
    } else {
      source += character.replace(/[\\^$.|(){}\]]/, "\\$&");
    }
  }
  return new RegExp(`^${source}$`);
}

/** Whether the last pattern that says something about the name says yes. */
export function matchesFilter(patterns: readonly string[], name: string): boolean {
  let matched = false;
  for (const pattern of patterns) {
    const negative = pattern.startsWith("!");
    if (regexOf(negative ? pattern.slice(1) : pattern).test(name)) matched = !negative;
  }
  return matched;
}

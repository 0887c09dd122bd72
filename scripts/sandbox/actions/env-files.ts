/** The files by which a step hands values to later ones: `name=value` lines, or `name<<END` blocks of several lines. */
export function parseEnvFile(text: string): readonly (readonly [name: string, value: string])[] {
  const lines = text.split(/\r?\n/);
  const pairs: [string, string][] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? "";
    if (line === "") continue;
    const equals = line.indexOf("=");
    const heredoc = line.indexOf("<<");
    if (heredoc > 0 && (equals < 0 || heredoc < equals)) {
      const name = line.slice(0, heredoc);
      const end = line.slice(heredoc + 2);
      const close = end === "" ? -1 : lines.indexOf(end, at + 1);
      if (close < 0) throw new Error(`Invalid value for '${name}'. Matching delimiter not found '${end}'`);
      pairs.push([name, lines.slice(at + 1, close).join("\n")]);
      at = close;
    } else if (equals > 0) {
      pairs.push([line.slice(0, equals), line.slice(equals + 1)]);
    } else {
      // The line itself stays out of the message: it may be half of a secret.
      throw new Error(`Invalid format on line ${at + 1}: expected 'name=value' or 'name<<END'`);
    }
  }
  return pairs;
}

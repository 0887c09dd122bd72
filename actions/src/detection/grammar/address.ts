/** Addresses in log text: found, checked and brought into one form (RFC 5952), so that one client is one key. */

/** An address as it may stand in a log (`[v6]:port`, `v4:port`, `fe80::1%eth0`, `::ffff:1.2.3.4`, `1.2.3.4/32`) in canonical form; null for anything else. */
export function canonicalAddress(text: string): string | null {
  if (text.length < 2 || text.length > 80) return null;
  let bare = text;
  if (bare.charCodeAt(0) === 0x5b) {
    const end = bare.indexOf("]");
    if (end === -1 || !/^(?::\d{1,5})?$/.test(bare.slice(end + 1))) return null;
    bare = bare.slice(1, end);
  }
  bare = bare.replace(/\/\d{1,3}$/, "");
  if (!bare.includes(":")) return ipv4(bare);
  if (bare.includes(".") && bare.indexOf(":") === bare.lastIndexOf(":")) return ipv4(bare.replace(/:\d{1,5}$/, ""));
  return ipv6(bare.replace(/%[\w.~-]{1,32}$/, ""));
}

/** Read digit by digit: nearly every line has one. A leading zero is octal to some readers and decimal to others. */
function ipv4(text: string): string | null {
  let parts = 0;
  for (let at = 0; at <= text.length; at++) {
    const start = at;
    let value = 0;
    for (let digit = text.charCodeAt(at) - 48; digit >= 0 && digit <= 9 && value <= 255; digit = text.charCodeAt(++at) - 48)
      value = value * 10 + digit;
    const leads = text.charCodeAt(start) === 48 && at > start + 1;
    if (at === start || value > 255 || leads || ++parts > 4 || (at < text.length && text.charCodeAt(at) !== 46)) return null;
  }
  return parts === 4 ? text : null;
}

function ipv6(text: string): string | null {
  const tail = /^(.*:)(\d{1,3}(?:\.\d{1,3}){3})$/.exec(text);
  const halves = (tail === null ? text : `${tail[1]}${embedded(tail[2] ?? "")}`).split("::");
  if (halves.length > 2) return null;
  const left = groups(halves[0] ?? "");
  const right = groups(halves[1] ?? "");
  if (left === null || right === null) return null;
  const missing = 8 - left.length - right.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null;
  return formatGroups([...left, ...Array.from({ length: halves.length === 2 ? missing : 0 }, () => 0), ...right]);
}

/** The dotted end of a mixed address as two groups; text that no group parses if it is not an address. */
function embedded(dotted: string): string {
  if (ipv4(dotted) === null) return "x";
  const [a = 0, b = 0, c = 0, d = 0] = dotted.split(".").map(Number);
  return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
}

function groups(text: string): number[] | null {
  if (text === "") return [];
  const parts = text.split(":");
  return parts.every((part) => /^[0-9a-fA-F]{1,4}$/.test(part)) ? parts.map((part) => Number.parseInt(part, 16)) : null;
}

function formatGroups(numbers: readonly number[]): string {
  if (numbers.slice(0, 5).every((number) => number === 0) && numbers[5] === 0xffff) {
    const [high = 0, low = 0] = numbers.slice(6);
    return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
  }
  const run = longestZeroRun(numbers);
  const hex = numbers.map((number) => number.toString(16));
  return run.length < 2 ? hex.join(":") : `${hex.slice(0, run.start).join(":")}::${hex.slice(run.start + run.length).join(":")}`;
}

function longestZeroRun(numbers: readonly number[]): { readonly start: number; readonly length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  numbers.forEach((number, index) => {
    if (number !== 0) start = index + 1;
    else if (index + 1 - start > best.length) best = { start, length: index + 1 - start };
  });
  return best;
}

// One character before and after an address in text; a user agent's "Version/17.4.1.2" or a longer number is none.
const CANDIDATE =
  /(?<![\w.:/-])(?:\[[0-9a-fA-F:.%\w]{2,60}\](?::\d{1,5})?|\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?|[0-9a-fA-F]{0,4}:[0-9a-fA-F:.]{1,45}(?:%[\w.]{1,32})?)(?![\w/-])/g;

/** The last address in text: whoever chose a name earlier in the line can write others before it, not after it. */
export function lastAddress(text: string): string | null {
  let found: string | null = null;
  for (const match of text.matchAll(CANDIDATE)) found = canonicalAddress(match[0].replace(/[.:]$/, "")) ?? found;
  return found;
}

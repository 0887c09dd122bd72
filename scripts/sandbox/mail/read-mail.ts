/** Reads a mail as far as the sandbox needs it: headers, a text and an HTML part. What it does not know is an error, not a guess. */

export interface ReadMail {
  readonly headers: ReadonlyMap<string, string>;
  readonly text: string;
  readonly html: string | null;
}

interface Part {
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

export function readMail(raw: string): ReadMail {
  const mail = split(raw);
  const type = mail.headers.get("content-type") ?? "text/plain";
  if (!/^multipart\/alternative/i.test(type)) return { headers: mail.headers, text: decode(mail), html: null };
  const boundary = /boundary="?([^";]+)"?/i.exec(type)?.[1];
  if (boundary === undefined) throw new Error("a multipart mail without a boundary");
  const parts = mail.body
    .split(`--${boundary}`)
    .slice(1, -1)
    .map((part) => split(part.replace(/^\r\n/, "")));
  const of = (kind: string) => parts.find(({ headers }) => headers.get("content-type")?.toLowerCase().startsWith(kind));
  const text = of("text/plain");
  const html = of("text/html");
  if (text === undefined || parts.length > 2)
    throw new Error(`a mail with parts ${parts.map(({ headers }) => headers.get("content-type")).join(", ")}`);
  return { headers: mail.headers, text: decode(text), html: html === undefined ? null : decode(html) };
}

function split(raw: string): Part {
  const end = raw.indexOf("\r\n\r\n");
  if (end === -1) throw new Error("a mail without an end of its headers");
  const lines = raw
    .slice(0, end)
    .replace(/\r\n[ \t]+/g, " ")
    .split("\r\n");
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    if (colon < 1) throw new Error(`a line that is no header: ${line}`);
    return [line.slice(0, colon).toLowerCase(), decodeWords(line.slice(colon + 1).trim())];
  });
  return { headers: new Map(headers), body: raw.slice(end + 4) };
}

function decode({ headers, body }: Part): string {
  const encoding = headers.get("content-transfer-encoding")?.toLowerCase() ?? "7bit";
  if (encoding === "base64") return Buffer.from(body, "base64").toString();
  if (encoding === "quoted-printable") return bytesOf(body.replace(/[ \t]*\r\n/g, "\r\n").replace(/=\r\n/g, "")).toString();
  if (encoding === "7bit" || encoding === "8bit") return body;
  throw new Error(`a mail in the encoding ${encoding}`);
}

/** RFC 2047: `=?UTF-8?Q?…?=`. */
function decodeWords(text: string): string {
  return text
    .replace(/\?=\s+=\?/g, "?==?")
    .replace(/=\?utf-8\?([bq])\?([^?]*)\?=/gi, (_, kind: string, word: string) =>
      kind.toLowerCase() === "b" ? Buffer.from(word, "base64").toString() : bytesOf(word.replaceAll("_", " ")).toString(),
    );
}

function bytesOf(text: string): Buffer {
  return Buffer.from(
    text.replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    "latin1",
  );
}

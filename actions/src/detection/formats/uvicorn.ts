/** uvicorn: `INFO:     10.20.0.5:45086 - "POST /login HTTP/1.1" 401 Unauthorized`, without a time, and its error log in the same layout. */
import { REQUEST_CLUES } from "../grammar/request.ts";
import { endOfRequest } from "./access.ts";
import { splitRequestLine, tellAccess } from "./access-line.ts";
import { type Format, NOTHING, reading } from "./format.ts";
import { MESSAGE_CLUES, tellMessage } from "./messages.ts";

const HEAD = /^(?:TRACE|DEBUG|INFO|WARNING|ERROR|CRITICAL): {1,8}(?!\w{1,40}:)/;
const CLIENT = /^(\S{2,80}) - "/;

export const uvicorn: Format = {
  name: "uvicorn",
  clues: [...REQUEST_CLUES, ...MESSAGE_CLUES],
  read(text, memory) {
    const head = HEAD.exec(text)?.[0];
    if (head === undefined) return null;
    const rest = text.slice(head.length);
    const client = CLIENT.exec(rest);
    if (client === null) return reading(null, tellMessage({ logger: null, message: rest }, memory));
    const end = endOfRequest(rest, client[0].length);
    const line = end === -1 ? null : splitRequestLine(rest.slice(client[0].length, end));
    if (line === null) return reading(null, NOTHING);
    return reading(
      null,
      tellAccess({ address: client[1] ?? "", request: { ...line, status: Number(rest.slice(end + 2, end + 5)), user: null } }),
    );
  },
};

/** What the servers' access lines share: an address, a time in brackets, a request in quotes, a status. */
import { canonicalAddress } from "../grammar/address.ts";
import { isAdminPath, type Request, readRequest } from "../grammar/request.ts";
import { NOTHING, type Sighting, sighting } from "./format.ts";

export interface AccessLine {
  readonly address: string;
  readonly request: Request;
}

const REQUEST_LINE = /^([A-Z]{3,10}) (\S{1,4096})(?: HTTP\/\d(?:\.\d)?| \d(?:\.\d)?)?$/;

/** `POST /login HTTP/1.1`, as it stands between the quotes. */
export function splitRequestLine(line: string): { readonly method: string; readonly path: string } | null {
  const parts = REQUEST_LINE.exec(line);
  return parts?.[1] === undefined || parts[2] === undefined ? null : { method: parts[1], path: parts[2] };
}

export function tellAccess({ address, request }: AccessLine, requestId: string | null = null): readonly Sighting[] {
  const told = readRequest(request);
  if (told === null) return NOTHING;
  const admitted = request.status < 400 ? request.path : null;
  return [
    sighting(told.kind, "access", {
      actor: request.user === null || request.user === "-" || request.user === "" ? null : request.user,
      ip: canonicalAddress(address),
      table: told.table,
      rows: told.rows,
      target: told.target,
      path: admitted,
      words: admitted !== null && isAdminPath(admitted, []) ? true : null,
      request: requestId,
    }),
  ];
}

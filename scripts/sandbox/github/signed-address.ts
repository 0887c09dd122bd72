import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { ApiError } from "./answer.ts";
import type { OpenCall } from "./route.ts";

/** Addresses that need no token and are good for a minute, as GitHub gives out for logs and artifacts. */

export interface SignedAddresses {
  /** The path with its expiry and signature. */
  issue(path: string): string;
  /** Throws in the storage's words when the address is forged or too old. */
  check(call: OpenCall): void;
}

const goodForMs = 60_000;

export function openSignedAddresses(now: () => Date): SignedAddresses {
  const secret = randomBytes(32);
  const sign = (path: string) => createHmac("sha256", secret).update(path).digest("base64url");
  return {
    issue(path) {
      const dated = `${path}?se=${now().getTime() + goodForMs}`;
      return `${dated}&sig=${sign(dated)}`;
    },
    check(call) {
      const expires = call.query.get("se") ?? "";
      const given = Buffer.from(call.query.get("sig") ?? "");
      const expected = Buffer.from(sign(`${call.path}?se=${expires}`));
      const genuine = given.length === expected.length && timingSafeEqual(given, expected);
      if (!genuine || Number(expires) < now().getTime()) throw new ApiError(403, "Server failed to authenticate the request.");
    },
  };
}

import type { Config, Privacy } from "../domain/index.ts";
import type { ActionIo } from "../runner/action-io.ts";

/** How much about people the ledger may hold, and the key of the hashes that stand for them. */
export function privacyOf(io: Pick<ActionIo, "mask">, config: Pick<Config, "privacy">): Privacy {
  if (config.privacy === "private") return { mode: "private" };
  const secret = process.env.PRIVACY_KEY;
  if (!secret) return { mode: "strict", secret: null };
  io.mask(secret);
  return { mode: "strict", secret };
}

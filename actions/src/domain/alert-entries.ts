/** How an alert enters the ledger: once when it opens and once when it ends, with as much about people as the installation's privacy allows. */
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import type { Alert } from "./alerts.ts";
import type { Draft } from "./ledger.ts";
import { entryId } from "./steps.ts";

/** `secret` keys the hashes: without one an address could be found again by trying them all, so nothing is kept of it. */
export type Privacy = { readonly mode: "private" } | { readonly mode: "strict"; readonly secret: string | null };

export interface Writer {
  /** The login GitHub vouches for. */
  readonly actor: string;
  /** The workflow run, or `local`. */
  readonly run: string;
  readonly now: Date;
}

// 64 bits: enough to tell the accounts and addresses of one installation apart.
const HASH_DIGITS = 16;

/** Null for an update: the ledger keeps when an alert opened and what it came to. */
export function alertDraft(alert: Alert, { actor, run, now }: Writer, privacy: Privacy): Draft | null {
  if (alert.transition === "updated") return null;
  const shown = discreetAlert(alert, privacy);
  const kind = alert.transition === "opened" ? "alert.opened" : "alert.ended";
  return {
    id: entryId(alert.id, alert.transition),
    at: now.toISOString(),
    kind,
    incident: alert.id,
    actor,
    run,
    reason: `${shown.rule} for ${shown.key}: ${shown.count}, where ${shown.threshold} in ${shown.within} open an alert`,
    data: shown,
  };
}

/** The alert as the ledger may hold it: in strict mode without excerpt, and with a keyed hash in place of an account or address. */
export function discreetAlert(alert: Alert, privacy: Privacy): Alert {
  if (privacy.mode === "private") return alert;
  return { ...alert, key: discreetKey(alert.key, privacy, alert.app), excerpt: [] };
}

const HASHED = /^keyed-[0-9a-f]{16}$/;

/**
 * What a rule counted by, as the ledger may hold it. An app's name and `*` point at nobody and stay; so does what is a hash already: people take
 * it from the page, and artifacts carry it.
 */
export function discreetKey(key: string, privacy: Privacy, app: string | null = null): string {
  return hashedKey(key, privacy, app) ?? "hidden";
}

/** Null where nothing may stand for the key. */
export function hashedKey(key: string, privacy: Privacy, app: string | null): string | null {
  if (privacy.mode === "private" || key === "*" || key === app || HASHED.test(key)) return key;
  if (privacy.secret === null) return null;
  return `keyed-${bytesToHex(hmac(sha256, utf8ToBytes(privacy.secret), utf8ToBytes(key))).slice(0, HASH_DIGITS)}`;
}

/**
 * Spring Security and Boot: LoggerListener, Actuator's AuditListener, the user managers and providers that log at DEBUG. Names of principals
 * stand in these texts unescaped; the address is the last one.
 */

import type { EventKind } from "../../domain/index.ts";
import { type Clue, clue } from "../clue.ts";
import { canonicalAddress } from "../grammar/address.ts";
import { NOTHING, type Sighting, sighting, type Teller } from "./format.ts";

const REMOTE = "RemoteIpAddress=";
const LISTENER =
  /^Authentication event (?:Authentication)?(Failure|Success|InteractiveAuthenticationSuccess|LogoutSuccess|Switch)\w{0,60}: ([\s\S]{0,1000})/;
const AUDIT = /^AuditEvent \[timestamp=[^,]{10,40}, principal=([\s\S]{0,1000}?), type=(\w{3,60}), data=/;
const CHANGING = /^Changing password for user '([\s\S]{1,300})'$/;
const PROVIDER =
  /^(?:Failed to authenticate since (?:password does not match stored value|no credentials)|Failed to find user '([\s\S]{1,300})'|Authentication failed with provider \w{1,80} since )/;

/** What no sentence's words find already. */
export const SPRING_CLUES: readonly Clue[] = [clue("auth-failed", ["failed to find user"])];

/** Null: none of Spring's texts. */
export function tellSpringSecurity(logger: string | null, message: string): readonly Sighting[] | null {
  const first = message.charCodeAt(0);
  if (first !== 0x41 && first !== 0x43 && first !== 0x46) return null;
  const listened = LISTENER.exec(message);
  if (listened !== null) return listener(listened[1] ?? "", listened[2] ?? "", message);
  const audited = AUDIT.exec(message);
  if (audited !== null) return audit(audited[2] ?? "", audited[1] ?? null, message);
  const changing = CHANGING.exec(message);
  if (changing !== null && /Manager$/.test(logger ?? ""))
    return one("password-changed", "password-manager", null, null, changing[1] ?? null);
  const provider = /(?:Provider|ProviderManager)$/.test(logger ?? "") ? PROVIDER.exec(message) : null;
  // The manager only repeats what its provider said the line before.
  if (provider !== null)
    return message.startsWith("Authentication failed with") ? NOTHING : one("auth-failed", "provider", provider[1] ?? null, null, null);
  return null;
}

function listener(event: string, rest: string, message: string): readonly Sighting[] {
  const principal = rest.split("; details: ", 1)[0]?.trim() ?? null;
  const address = addressIn(message);
  if (event === "Failure") return one("auth-failed", "listener", principal, address, null);
  if (event === "Success") return one("auth-succeeded", "listener", principal, address, null);
  if (event === "InteractiveAuthenticationSuccess") return one("auth-succeeded", "interactive-listener", principal, address, null);
  return NOTHING;
}

function audit(type: string, principal: string | null, message: string): readonly Sighting[] {
  if (type === "AUTHENTICATION_FAILURE") return one("auth-failed", "audit-listener", principal, addressIn(message), null);
  if (type === "AUTHENTICATION_SUCCESS") return one("auth-succeeded", "audit-listener", principal, addressIn(message), null);
  return NOTHING;
}

function one(kind: EventKind, teller: Teller, actor: string | null, ip: string | null, target: string | null): readonly Sighting[] {
  return [sighting(kind, teller, { actor, ip, target })];
}

function addressIn(message: string): string | null {
  const at = message.lastIndexOf(REMOTE);
  return at === -1 ? null : canonicalAddress(/^[^,\]\s]{2,80}/.exec(message.slice(at + REMOTE.length))?.[0] ?? "");
}

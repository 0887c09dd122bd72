/** Who is signed in. The token lives in this module's memory; in the tab's storage only if asked, never anywhere that outlives the tab. */
import { useSyncExternalStore } from "react";
import { type Deployment, storageKey } from "../config/deployment.ts";
import type { GitHub } from "./github.ts";
import type { TokenCheck } from "./token-rights.ts";

export interface Session {
  readonly token: string;
  readonly check: TokenCheck;
  readonly github: GitHub;
  readonly kept: "memory" | "tab";
}

let current: Session | null = null;
const listeners = new Set<() => void>();

export function useSession(): Session | null {
  return useSyncExternalStore(subscribe, () => current);
}

export function signIn(deployment: Deployment, session: Session): void {
  if (session.kept === "tab") sessionStorage.setItem(tokenKey(deployment), session.token);
  current = session;
  tell();
}

/** The head of the ledger that this browser remembers stays: it is no secret, and forgetting it would let a cut-off tail pass. */
export function signOut(deployment: Deployment): void {
  sessionStorage.removeItem(tokenKey(deployment));
  current = null;
  tell();
}

export function keptToken(deployment: Deployment): string | null {
  return sessionStorage.getItem(tokenKey(deployment));
}

function tokenKey(deployment: Deployment): string {
  return storageKey(deployment, "token");
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function tell(): void {
  for (const listener of listeners) listener();
}

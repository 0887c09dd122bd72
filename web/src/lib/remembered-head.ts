/** The ledger's last head as this browser saw it: what shows that a tail was cut off. No secret, so it may outlive the tab. */
import type { Head } from "@holdfast/actions/domain";
import * as z from "zod/mini";
import { type Deployment, storageKey } from "../config/deployment.ts";

const headSchema = z.object({ seq: z.int(), hash: z.string(), seenAt: z.iso.datetime() });

export interface RememberedHead extends Head {
  readonly seenAt: string;
}

export function readRememberedHead(deployment: Deployment): RememberedHead | undefined {
  try {
    const read = z.safeParse(headSchema, JSON.parse(localStorage.getItem(storageKey(deployment, "head")) ?? "null"));
    return read.success ? read.data : undefined;
  } catch {
    return undefined;
  }
}

export function writeRememberedHead(deployment: Deployment, head: Head, now: Date): void {
  const remembered: RememberedHead = { seq: head.seq, hash: head.hash, seenAt: now.toISOString() };
  localStorage.setItem(storageKey(deployment, "head"), JSON.stringify(remembered));
}

export function forgetHead(deployment: Deployment): void {
  localStorage.removeItem(storageKey(deployment, "head"));
}

import { createHash, randomBytes } from "node:crypto";
import { readStored, writeStored } from "./stored-file.ts";

/** Who a token speaks for and what it may do. Only hashes are kept: the state folder holds nothing one could log in with. */

export type Level = "read" | "write";

export interface Token {
  readonly hash: string;
  readonly kind: "personal" | "job";
  readonly login: string;
  readonly permissions: Readonly<Record<string, Level>>;
  readonly expiresAt: string | null;
  readonly jobId: number | null;
}

export interface TokenRequest {
  readonly login: string;
  readonly permissions: Readonly<Record<string, Level>>;
  readonly expiresAt?: Date | null;
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

function random(length: number): string {
  return [...randomBytes(length)].map((byte) => alphabet[byte % alphabet.length]).join("");
}

const hashOf = (token: string): string => createHash("sha256").update(token).digest("hex");

export interface Tokens {
  createPersonal(request: TokenRequest): string;
  createJob(login: string, permissions: Readonly<Record<string, Level>>, jobId: number): string;
  /** The living token, or undefined when it is unknown, expired or revoked. */
  find(token: string): Token | undefined;
  revoke(token: string): boolean;
  revokeJob(jobId: number): void;
}

// A job's token lives as long as the job and never longer than a day.
const longestJob = 24 * 60 * 60 * 1000;

export function openTokens(file: string, now: () => Date): Tokens {
  // Jobs do not outlive the process that ran them, so neither do their tokens.
  let kept: readonly Token[] = readStored<readonly Token[]>(file, []).filter((token) => token.kind === "personal");
  const keep = (next: readonly Token[]) => {
    writeStored(file, next, 0o600);
    kept = next;
  };
  const add = (token: string, record: Omit<Token, "hash">): string => {
    keep([...kept, { ...record, hash: hashOf(token) }]);
    return token;
  };
  const alive = (token: Token) => token.expiresAt === null || Date.parse(token.expiresAt) > now().getTime();
  return {
    createPersonal: ({ login, permissions, expiresAt }) =>
      add(`github_pat_${random(22)}_${random(59)}`, {
        kind: "personal",
        login,
        permissions: { ...permissions, metadata: permissions.metadata ?? "read" },
        expiresAt: expiresAt?.toISOString() ?? null,
        jobId: null,
      }),
    createJob: (login, permissions, jobId) =>
      add(`ghs_${random(36)}`, {
        kind: "job",
        login,
        permissions: { ...permissions, metadata: "read" },
        expiresAt: new Date(now().getTime() + longestJob).toISOString(),
        jobId,
      }),
    find(token) {
      const hash = hashOf(token);
      return kept.find((candidate) => candidate.hash === hash && alive(candidate));
    },
    revoke(token) {
      const hash = hashOf(token);
      const left = kept.filter((candidate) => candidate.hash !== hash);
      const found = left.length < kept.length;
      if (found) keep(left);
      return found;
    },
    revokeJob(jobId) {
      const left = kept.filter((candidate) => candidate.jobId !== jobId);
      if (left.length < kept.length) keep(left);
    },
  };
}

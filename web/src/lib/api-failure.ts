/** An answer of the API that is not the one asked for: what failed, what it means here, and what to do. */

export type FailureKind = "offline" | "token" | "permission" | "missing" | "conflict" | "limit" | "server" | "unexpected";

export interface FailureFacts {
  /** Null when no answer came at all. */
  readonly status: number | null;
  /** Method and path, without the origin. */
  readonly endpoint: string;
  readonly message: string;
  /** Until when GitHub asks to wait. */
  readonly retryAt: Date | null;
}

interface Meaning {
  readonly kind: FailureKind;
  readonly meaning: string;
  readonly next: string;
}

export class ApiFailure extends Error {
  override readonly name = "ApiFailure";
  readonly facts: FailureFacts;
  readonly kind: FailureKind;
  readonly meaning: string;
  readonly next: string;

  constructor(facts: FailureFacts, options?: ErrorOptions) {
    const { kind, meaning, next } = meaningOf(facts);
    super(`${meaning} (${facts.endpoint}: ${facts.status ?? "no answer"})`, options);
    this.facts = facts;
    this.kind = kind;
    this.meaning = meaning;
    this.next = next;
  }
}

function meaningOf({ status, message, retryAt }: FailureFacts): Meaning {
  if (status === null) {
    return { kind: "offline", meaning: "GitHub could not be reached.", next: "Check the connection; githubstatus.com tells of outages." };
  }
  if (retryAt !== null || status === 429) {
    const until = retryAt === null ? "" : ` until ${retryAt.toISOString().slice(11, 19)} UTC`;
    return { kind: "limit", meaning: `GitHub asks to wait${until}: too many requests.`, next: "Wait; the page asks again by itself." };
  }
  if (status === 401) {
    return {
      kind: "token",
      meaning: "The token is not valid: expired, revoked or mistyped.",
      next: "Sign in with a new token.",
    };
  }
  if (status === 403) {
    return {
      kind: "permission",
      meaning: `The token is not permitted to do this: ${message}`,
      next: "Give the token the missing permission, or ask somebody who has it.",
    };
  }
  if (status === 404) {
    return {
      kind: "missing",
      meaning: "GitHub says it is not there. For a private repository that also means: not permitted.",
      next: "Check the repository's name and that the token covers it.",
    };
  }
  if (status === 409 || status === 422) {
    return { kind: "conflict", meaning: `GitHub refused the request: ${message}`, next: "Look at what changed, then try again." };
  }
  if (status >= 500) {
    return { kind: "server", meaning: `GitHub failed with ${status}.`, next: "Try again; githubstatus.com tells of outages." };
  }
  return { kind: "unexpected", meaning: `GitHub answered ${status}: ${message}`, next: "Copy the details and report them." };
}

/** Any thrown value as two sentences for people. */
export function explain(error: unknown): { readonly meaning: string; readonly next: string } {
  if (error instanceof ApiFailure) return { meaning: error.meaning, next: error.next };
  return {
    meaning: error instanceof Error ? error.message : String(error),
    next: "Try again; if it stays, copy the details and report them.",
  };
}

/** What to copy into a report: never a token, a header or a body. */
export function failureDetails(error: unknown): string {
  if (!(error instanceof ApiFailure)) return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return `${error.facts.endpoint}\nstatus ${error.facts.status ?? "none"}\n${error.facts.message}`;
}

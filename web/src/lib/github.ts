/** What the page asks of GitHub: few questions, each with a typed answer. One client implements it; tests bring their own. */
import type { SegmentFile } from "@holdfast/actions/domain";

export const WORKFLOWS = {
  snapshot: "snapshot.yml",
  restore: "restore.yml",
  rewind: "rewind.yml",
  cleanup: "cleanup.yml",
  migrate: "migrate.yml",
  hold: "hold.yml",
  "cut-over": "cut-over.yml",
  respond: "respond.yml",
} as const;
export type Work = keyof typeof WORKFLOWS;
export const WORKS = [
  "snapshot",
  "restore",
  "rewind",
  "cleanup",
  "migrate",
  "hold",
  "cut-over",
  "respond",
] as const satisfies readonly Work[];

export interface Run {
  readonly id: number;
  readonly title: string;
  readonly status: string;
  readonly conclusion: string | null;
  readonly actor: string;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly updatedAt: Date;
  readonly url: string;
}

export interface Job {
  readonly name: string;
  readonly status: string;
  readonly conclusion: string | null;
  readonly url: string | null;
}

/** A deployment environment's rules. */
export interface Environment {
  readonly name: string;
  /** Logins, and teams as "team x", of whom one must approve; empty when nobody is asked. */
  readonly reviewers: readonly string[];
  readonly preventSelfReview: boolean;
  /** Null where GitHub does not tell; its default is that they may. */
  readonly adminsMayBypass: boolean | null;
}

/** An environment that a run waits for. */
export interface PendingReview {
  readonly environmentId: number;
  readonly environment: string;
  /** Whether the one who is signed in may decide, as GitHub says. */
  readonly mayDecide: boolean;
  readonly reviewers: readonly string[];
}

export type Decision = "approved" | "rejected";

export interface Review {
  readonly decision: Decision;
  readonly login: string;
  readonly comment: string;
  readonly environments: readonly string[];
}

export interface User {
  readonly login: string;
  /** Scopes of a classic token; null for a fine-grained one. */
  readonly scopes: string | null;
}

export interface Repository {
  readonly private: boolean;
  /** What the person, not the token, may do. */
  readonly push: boolean;
}

export interface Dispatched {
  readonly runId: number;
  readonly url: string;
}

/** Every method rejects with ApiFailure; `null` means that GitHub knows no such thing. */
export interface GitHub {
  user(): Promise<User>;
  repository(): Promise<Repository>;
  branchHead(branch: string): Promise<string | null>;
  /** All files below a commit or branch. */
  tree(ref: string): Promise<readonly SegmentFile[] | null>;
  blob(sha: string): Promise<string>;
  file(path: string, ref: string): Promise<string | null>;
  workflows(): Promise<readonly string[]>;
  runs(work: Work): Promise<readonly Run[]>;
  jobs(runId: number): Promise<readonly Job[]>;
  environment(name: string): Promise<Environment | null>;
  pendingReviews(runId: number): Promise<readonly PendingReview[]>;
  /** In the order in which they were given. */
  reviews(runId: number): Promise<readonly Review[]>;
  decide(runId: number, environmentIds: readonly number[], decision: Decision, comment: string): Promise<void>;
  dispatch(work: Work, ref: string, inputs: Readonly<Record<string, string>>): Promise<Dispatched | null>;
}

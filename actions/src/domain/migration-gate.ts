/**
 * Whether a planned migration may be applied now, and why not: decided from what GitHub vouches for and from the system's state. Pure; whoever
 * asks has read the facts from GitHub's API for this very run.
 */
import type { Config } from "./config.ts";
import { durationMs, formatDuration } from "./duration.ts";
import { isInside } from "./maintenance.ts";
import type { StateReason } from "./state-reasons.ts";
import type { Suppression } from "./suppressions.ts";

export interface GateFacts {
  /** Everybody who started the run or an attempt of it. */
  readonly requesters: readonly string[];
  /** Everybody who wrote a commit of one of the files. */
  readonly authors: readonly string[];
  /** Who let this run into the environment, by GitHub's history of it. */
  readonly agreed: readonly string[];
  readonly approvals: Config["approvals"];
  readonly plannedAt: Date;
  readonly now: Date;
  /** Why migrations are forbidden, this request's own incident aside. */
  readonly blocked: readonly Pick<StateReason, "sentence">[];
  readonly maintenance: Config["maintenance"];
  readonly overrides: readonly Pick<Suppression, "id" | "matcher" | "reason">[];
}

export type GateVerdict =
  | { readonly open: true; readonly approvers: readonly string[]; readonly window: string }
  | { readonly open: false; readonly problem: string; readonly next: string };

const WINDOW_RULE = "migration-outside-window";

export function judgeGate(facts: GateFacts): GateVerdict {
  const { requesters, authors, agreed, approvals, plannedAt, now, blocked } = facts;
  const age = now.getTime() - plannedAt.getTime();
  if (Number.isNaN(age)) return closed("The plan's age is not known.", "Ask again with a new request id.");
  if (age >= durationMs(approvals.validFor)) {
    return closed(
      `The plan is ${formatDuration(age)} old; what was approved for it holds for ${approvals.validFor}.`,
      "Ask again with a new request id: it is planned, rehearsed and approved anew.",
    );
  }
  const counted = [...new Set(agreed)].filter((login) => mayApprove(login, facts));
  // A migration is never one person's decision alone, also where an installation asks nobody for other things.
  const required = Math.max(1, approvals.required);
  if (counted.length < required) return closed(tooFew(counted, required, facts), whoMay(requesters, authors, approvals));
  if (blocked.length > 0) {
    return closed(
      `The state is blocked: ${blocked.map(({ sentence }) => sentence).join(" ")}`,
      "Deal with what blocks it, or ask for this migration under that very incident if it is the fix.",
    );
  }
  const window = windowOf(facts);
  if (window !== null) return { open: true, approvers: counted, window };
  return closed(
    "No maintenance window is open now.",
    `Approve it while one is open, or declare an override of ${WINDOW_RULE} with its reason.`,
  );
}

function closed(problem: string, next: string): GateVerdict {
  return { open: false, problem, next };
}

/** Whether this person's approval counts for a migration. */
export function mayApprove(
  login: string,
  { requesters, authors, approvals }: Pick<GateFacts, "requesters" | "authors" | "approvals">,
): boolean {
  if (includes(requesters, login) || includes(authors, login)) return false;
  return approvals.approvers.length === 0 || includes(approvals.approvers, login);
}

/** GitHub's logins mean the same person in capitals and small letters. */
function includes(logins: readonly string[], login: string): boolean {
  return logins.some((each) => each.toLowerCase() === login.toLowerCase());
}

function tooFew(counted: readonly string[], required: number, { agreed, requesters, authors }: GateFacts): string {
  const who = counted.length === 0 ? "nobody" : counted.join(", ");
  const excluded = [...new Set(agreed)].filter((login) => !counted.includes(login));
  const why = excluded.map((login) => {
    if (includes(requesters, login)) return `${login} asked for it`;
    return includes(authors, login) ? `${login} wrote it` : `${login} is not among the approvers in holdfast.yml`;
  });
  return `${required} must agree, and ${who} did${why.length === 0 ? "" : `; not counted: ${why.join(", ")}`}.`;
}

function whoMay(requesters: readonly string[], authors: readonly string[], { approvers, migrations }: Config["approvals"]): string {
  const not = [...new Set([...requesters, ...authors])].join(", ");
  if (migrations === "dispatch") {
    const who = approvers.length === 0 ? "people who may write" : `of ${approvers.join(", ")} some`;
    return `Let ${who}, other than ${not}, approve its digest by respond.yml (action approve); then whoever asked re-runs the failed job.`;
  }
  return `Ask again, and have it approved by ${approvers.length === 0 ? "a reviewer of the environment" : `one of ${approvers.join(", ")}`} other than ${not}.`;
}

/** By what the time is right, in words; null when it is not. Without windows every time is. */
function windowOf({ maintenance, now, overrides }: GateFacts): string | null {
  if (maintenance.length === 0) return "no maintenance window is agreed on";
  if (maintenance.some((each) => isInside(each, now.getTime()))) return "inside a maintenance window";
  const override = overrides.find(({ matcher }) => matcher.rule === undefined || matcher.rule === WINDOW_RULE);
  return override === undefined ? null : `outside, under override ${override.id}: ${override.reason}`;
}

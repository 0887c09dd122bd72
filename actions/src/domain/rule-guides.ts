/** What each rule's alert means and what to do first, in words for whoever is woken by it. Read by page, chat, mail and command line. */
import { type BuiltInRule, type CustomRule, RULE_IDS } from "./rule-settings.ts";

export interface RuleGuide {
  readonly title: string;
  readonly explanation: string;
  readonly causes: readonly string[];
  readonly steps: readonly string[];
  /** An address, or a path in the repository. Null where a team's own rule names none. */
  readonly runbook: string | null;
}

const runbook = (rule: BuiltInRule) => `docs/runbooks/${rule}.md`;

const PASSWORD_CAUSES = [
  "A script or a console session that updated every account instead of one",
  "A migration or a fixture that ran against production",
  "Somebody who took over an account and changes passwords with it",
];
const PASSWORD_STEPS = [
  "Stop what is running: the script, the job, the session named in the excerpt.",
  "Look at the first and the last event: who acted, from where, on whom.",
  "Note the second before the first event; that is where a rewind of the damaged rows starts from.",
];

const GUIDES = {
  "mass-password-reset": {
    title: "Many passwords changed at once",
    explanation:
      "More passwords were changed within a minute than people change by themselves. Users are locked out, or somebody else can sign in.",
    causes: PASSWORD_CAUSES,
    steps: PASSWORD_STEPS,
    runbook: runbook("mass-password-reset"),
  },
  "mass-password-reset-admin": {
    title: "An administrator changed many passwords",
    explanation:
      "Administrators changed many passwords within a minute and declared no override. It may be planned work, and it is also how most such accidents begin.",
    causes: [
      "Planned work whose override was forgotten",
      "An administrator's script with a condition that matches everybody",
      "A stolen administrator's account",
    ],
    steps: ["Ask the administrator named in the excerpt, by another channel than the account itself.", ...PASSWORD_STEPS],
    runbook: runbook("mass-password-reset-admin"),
  },
  "mass-password-reset-slow": {
    title: "Many passwords changed over an hour",
    explanation: "Passwords are changed steadily, each minute too few to stand out. A patient script does as much damage as a fast one.",
    causes: ["A job that works through all accounts with a pause", ...PASSWORD_CAUSES],
    steps: ["See whether it still goes on; the newest line of the excerpt says when the last one was.", ...PASSWORD_STEPS],
    runbook: runbook("mass-password-reset-slow"),
  },
  "bulk-user-creation": {
    title: "Many accounts created at once",
    explanation:
      "More accounts appeared within a minute than people register by themselves. Data grows wrong, and bad accounts send and buy.",
    causes: ["An import whose override was forgotten", "Bots at the registration form", "A test or a fixture that ran against production"],
    steps: [
      "Look whether one actor or one address created them.",
      "Bots: close registration or ask for a captcha. An import: ask who runs it, and declare an override if it is right.",
      "Keep the time of the first event: what has to be removed later was created from there on.",
    ],
    runbook: runbook("bulk-user-creation"),
  },
  "bulk-user-creation-slow": {
    title: "Many accounts created over an hour",
    explanation: "Accounts are created steadily, each minute too few to stand out.",
    causes: ["Bots that keep below a limit", "A slow import whose override was forgotten", "A campaign that works better than expected"],
    steps: [
      "Compare with an ordinary hour of that weekday.",
      "Look at the names and addresses: made by a machine or by people?",
      "Raise the threshold with `holdfast tune` where this is ordinary.",
    ],
    runbook: runbook("bulk-user-creation-slow"),
  },
  "bulk-deletion": {
    title: "Many rows deleted at once",
    explanation:
      "More rows were deleted within a minute than ordinary use deletes. What is gone can be brought back only from a recovery point.",
    causes: [
      "A DELETE whose condition matches too much",
      "A clean-up job with a wrong limit, or run against the wrong database",
      "Somebody who empties what they can reach",
    ],
    steps: [
      "Stop what is running; every further delete makes the rewind larger.",
      "Do not restore over the live cluster: bring back the rows from a scratch restore of the second before the first event.",
      "Hold snapshots: nothing may be removed while this incident is open.",
    ],
    runbook: runbook("bulk-deletion"),
  },
  "bulk-deletion-slow": {
    title: "Many rows deleted over an hour",
    explanation:
      "Rows are deleted steadily, each minute too few to stand out. A loop with a pause empties a table as surely as one statement.",
    causes: ["A clean-up job in small batches with a wrong condition", "A retry that repeats a deletion", "Ordinary retention work"],
    steps: [
      "See which table and which actor, and whether it still goes on.",
      "Ordinary retention work: raise the threshold, or declare what it is. Otherwise stop it.",
      "Note the second before the first event for a rewind.",
    ],
    runbook: runbook("bulk-deletion-slow"),
  },
  "destructive-statement": {
    title: "A statement that takes everything with it",
    explanation:
      "The database was told to DELETE or UPDATE without a condition, to TRUNCATE or to DROP. One line is enough to lose a table.",
    causes: [
      "A WHERE that was lost, or a session on the wrong database",
      "A migration that drops what was still needed",
      "A test suite that points at production",
    ],
    steps: [
      "Find out whether it was committed: a rolled-back statement is logged as well.",
      "Committed: stop writers if you can, and restore to the second before it into a new cluster.",
      "Take back only what is missing; later writes are in the live cluster alone.",
    ],
    runbook: runbook("destructive-statement"),
  },
  "statement-refused": {
    title: "A statement that a guard refused",
    explanation:
      "A guard in the database refused a write that would have changed too many rows at once, or too many in a short time. Nothing of that statement was done; what its session did before may stand.",
    causes: [
      "A mass update or deletion that nobody declared, or one with a condition that was lost",
      "A script or a loop that changes rows one by one, stopped at the limit",
      "Ordinary work that has outgrown the guard's limits",
    ],
    steps: [
      "Find out who or what tried: the role, the address and the statement stand in the database's log.",
      "Not meant: stop it before it tries again in smaller pieces, and look at what it changed below the limit.",
      "Meant: have an override approved, or raise the limits of the guard by a migration.",
    ],
    runbook: runbook("statement-refused"),
  },
  "migration-outside-window": {
    title: "A migration outside the maintenance windows",
    explanation:
      "A schema or data migration ran at a time that no maintenance window covers. If it goes wrong, the people for it are not there.",
    causes: ["A deployment that migrates on start", "A container that restarted and caught up", "An urgent fix nobody declared"],
    steps: [
      "Read which migration ran and who deployed it.",
      "See whether the application is well: errors, locks, slow statements.",
      "Urgent and right: say so with an override next time. Wrong: the snapshot before it is the way back.",
    ],
    runbook: runbook("migration-outside-window"),
  },
  "unapproved-migration": {
    title: "A migration that nobody approved",
    explanation: "A migration ran that matches no approved plan: it was not judged, not rehearsed, and no snapshot was taken for it.",
    causes: [
      "A migration by hand, beside the workflow",
      "A plan that changed after it was approved",
      "A deployment that migrates on start",
    ],
    steps: [
      "Find out who ran it and what it did; compare with the approved plan if there is one of that name.",
      "Take a snapshot now, before anything else writes.",
      "See whether the application is well; decide with the author whether it stays.",
    ],
    runbook: runbook("unapproved-migration"),
  },
  "repeated-auth-failure": {
    title: "Many failed sign-ins from one address",
    explanation: "One address failed to sign in again and again. Somebody is guessing passwords, or a program has a wrong one.",
    causes: ["Passwords being guessed", "A job or a service with an old password", "A proxy whose address hides everybody behind it"],
    steps: [
      "Look at the names that were tried: many names mean guessing, one name means a wrong password somewhere.",
      "Look for a success from the same address afterwards; that is the one that matters.",
      "Block the address where it is an attack; where it is your own proxy, let the application log the client's address.",
    ],
    runbook: runbook("repeated-auth-failure"),
  },
  "repeated-auth-failure-account": {
    title: "Many failed sign-ins to one account",
    explanation: "One account was tried again and again, perhaps from many addresses, each of which alone stays below its limit.",
    causes: ["Passwords of one account being guessed from many addresses", "A password that changed while programs still use the old one"],
    steps: [
      "Look for a success on that account afterwards.",
      "Ask the owner; lock the account or ask for a second factor while it goes on.",
      "A service's account: find what still has the old password.",
    ],
    runbook: runbook("repeated-auth-failure-account"),
  },
} as const satisfies Record<BuiltInRule, RuleGuide>;

/** What opens alerts and counts no log lines. */
const OTHER_GUIDES: Readonly<Record<string, RuleGuide>> = {
  "drill-failed": {
    title: "A recovery point could not be proven",
    explanation:
      "A drill restored the newest point of its kind to scratch and did not find it sound, or could not restore it. Until one passes, count on it no more.",
    causes: [
      "A check that no longer fits the data, or data that no longer fit the check",
      "A table or an index damaged before the point was taken",
      "A quota, a network or a right that keeps AWS from making the scratch cluster",
    ],
    steps: [
      "Read the drill's entry in the ledger: it says which step failed and what exists now.",
      "Take a snapshot and drill it: is only the one point bad, or every newer one too?",
      "Find the newest point that passes, and put it on hold.",
    ],
    runbook: "docs/runbooks/drill-failed.md",
  },
};

/** The guide of a rule; `settings` are the rules of `holdfast.yml`, where a team's own say what they mean. */
export function guideOf(rule: string, settings: Readonly<Record<string, Partial<CustomRule> | undefined>> = {}): RuleGuide {
  const ours = RULE_IDS.find((id) => id === rule);
  if (ours !== undefined) return GUIDES[ours];
  const other = OTHER_GUIDES[rule];
  if (other !== undefined) return other;
  const own = settings[rule];
  return {
    title: `Rule ${rule}`,
    explanation: own?.explanation ?? "A rule that holdfast.yml no longer has.",
    causes: [],
    steps: ["Read the excerpt: who acted, from where, on what."],
    runbook: own?.runbook ?? null,
  };
}

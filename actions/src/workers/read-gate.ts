/** The facts that decide whether a migration may be applied now, read for this very run: people from GitHub's API, the state from AWS and ledger. */
import type { Aurora } from "../aurora/aurora.ts";
import { takeInventory } from "../aurora/take-inventory.ts";
import {
  type Cluster,
  durationMs,
  type GateVerdict,
  judgeGate,
  type MigrateRequest,
  overridesInForce,
  type Reading,
  type RecordedPlan,
  type StateReason,
  systemState,
} from "../domain/index.ts";
import { authorsOf, requestersOf } from "../github/authors.ts";
import { dispatchedApprovals } from "../github/dispatched-approvals.ts";
import { approversOf } from "../github/runs.ts";
import type { Around } from "./conduct.ts";
import { sentence } from "./conduct.ts";
import type { Journal } from "./journal.ts";
import { Refusal } from "./outcome.ts";

/** The environment of the job that applies: whoever may let a run into it is an approver. */
export const APPROVAL_ENVIRONMENT = "migration-approval";

export async function readGate(
  request: MigrateRequest,
  cluster: Cluster,
  plan: RecordedPlan,
  files: readonly string[],
  aurora: Aurora,
  journal: Journal,
  digest: string,
  around: Around,
): Promise<GateVerdict> {
  const { installation, config, findOrphans } = around;
  const { github, origin } = installation;
  const [runId] = origin.run.split("/").map(Number);
  if (origin.run === "local" || runId === undefined)
    throw new Refusal("A migration is applied by a workflow run only, because GitHub must say who approved it.", "Dispatch migrate.yml.");
  const now = new Date();
  const planned = journal.recorded("planned");
  const [requesters, authors, agreed] = await unreadableIsRefused(
    Promise.all([requestersOf(github, runId, origin.attempt), authorsOf(github, plan.commit, files), agreedTo(digest, runId, around, now)]),
  );
  const inventory = await takeInventory(aurora, config, now, findOrphans);
  const { entries } = journal.view();
  // What belongs to this request's incident is what it mends; an earlier attempt of its own must not forbid the next.
  const others = entries.filter(
    (entry) =>
      entry.data.requestId !== request.requestId &&
      (request.incident === undefined || (entry.incident ?? entry.data.requestId) !== request.incident),
  );
  const seen = <T>(value: T): Reading<T> => ({ ok: true, value, at: now });
  const state = systemState({
    cluster,
    config,
    now,
    inventory: seen(inventory),
    ledger: seen({ ok: true, entries: others, head: journal.view().head }),
    // Who watches may degrade the state, and never blocks it.
    collectors: { ok: false, problem: "not asked" },
  });
  return judgeGate({
    requesters,
    authors,
    agreed,
    approvals: config.approvals,
    plannedAt: new Date(planned?.at ?? Number.NaN),
    now,
    blocked: state.reasons.filter((reason): reason is StateReason => reason.state === "blocked"),
    maintenance: config.maintenance,
    overrides: overridesInForce(entries, now),
  });
}

/** Who let the run in; where `holdfast.yml` asks for it, also who approved what it applies by a run of their own. */
async function agreedTo(digest: string, runId: number, { installation, config }: Around, now: Date): Promise<readonly string[]> {
  const { github, origin } = installation;
  const letIn = await approversOf(github, origin, APPROVAL_ENVIRONMENT);
  if (config.approvals.migrations !== "dispatch") return letIn;
  const validForMs = durationMs(config.approvals.validFor);
  return [...letIn, ...(await dispatchedApprovals(github, runId, { digest, now, validForMs }))];
}

/** What grants a right is read from GitHub, and unreadable means refused. */
async function unreadableIsRefused<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    throw new Refusal(`Who asked, wrote and approved cannot be read: ${sentence(error)}`, "Re-run this run when GitHub tells it.");
  }
}

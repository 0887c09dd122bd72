/** Answers to alerts, each recorded once: the alert's or silence's own id names the entry, so two people answering at once make one. */
import {
  alertViews,
  type Config,
  type Draft,
  describeMatcher,
  discreetKey,
  durationMs,
  type Entry,
  endDraft,
  entryId,
  expiredDrafts,
  hashedKey,
  MATCHER_FIELDS,
  type Matcher,
  mayApprove,
  type Privacy,
  planOfDigest,
  type Response,
  type Suppression,
  suppressionsOf,
} from "../domain/index.ts";
import type { Origin } from "../github/runs.ts";
import { type Asked, agreed } from "./agreement.ts";
import type { Completed } from "./conduct.ts";
import type { Journal } from "./journal.ts";
import { type Fact, Refusal } from "./outcome.ts";

export interface RespondWork {
  readonly config: Config;
  readonly journal: Journal;
  readonly origin: Origin;
  readonly privacy: Privacy;
  /** Who agreed to this run, other than whoever started it. */
  readonly approvers: () => Promise<readonly string[]>;
  readonly now: () => Date;
}

type To<Action extends Response["action"]> = Extract<Response, { action: Action }>;
type Answer = To<"acknowledge" | "resolve">;
type Start = To<"silence" | "override">;
type End = To<"end-silence" | "end-override">;
type Approve = To<"approve">;

/** Throws Refusal when the answer makes no sense; nothing is recorded then. */
export async function respondTo(response: Response, work: RespondWork): Promise<Completed> {
  await work.journal.append(expiredDrafts(entriesOf(work), { ...writerOf(work) }));
  switch (response.action) {
    case "acknowledge":
    case "resolve":
      return answer(response, work);
    case "silence":
    case "override":
      return start(response, work);
    case "end-silence":
    case "end-override":
      return end(response, work);
    case "approve":
      return approve(response, work);
  }
}

async function answer(response: Answer, work: RespondWork): Promise<Completed> {
  const view = alertViews(entriesOf(work), work.now()).find(({ alert }) => alert.id === response.alert);
  if (view === undefined) throw new Refusal(`The ledger knows no alert ${response.alert}.`, "Take the id from the alert's page or notice.");
  const { id, rule, severity, app, cluster } = view.alert;
  const kind = response.action === "acknowledge" ? "alert.acknowledged" : "alert.resolved";
  if (kind === "alert.acknowledged" && view.acknowledged === null && view.resolved !== null) {
    throw new Refusal(`${view.resolved.by} resolved the alert ${id} at ${view.resolved.at}.`, "Nothing is left to acknowledge.");
  }
  const name = entryId(id, kind.slice("alert.".length));
  const entry = await record(work, {
    ...draftOf(response, work, name),
    kind,
    data: { requestId: response.requestId, rule, severity, app, cluster },
  });
  const verb = response.action === "acknowledge" ? "acknowledged" : "resolved";
  return told(response, entry, `The alert ${id} is ${verb}`, {
    facts: [
      { name: "Alert", value: id },
      { name: "Rule", value: `${rule}, ${severity}` },
    ],
    next: verb === "acknowledged" ? "Follow the alert's first steps; resolve it with a note when it is dealt with." : "Nothing.",
  });
}

async function start(response: Start, work: RespondWork): Promise<Completed> {
  const { action, until } = response;
  mustBeKnown(response.matcher, work.config);
  mustBeTellable(response.matcher, work.privacy);
  const name = entryId(response.requestId, "started");
  const known = entriesOf(work).find((entry) => entry.id === name);
  const gate = action === "override" && known === undefined ? await agreed(askedFor(work), work.config) : null;
  const matcher = discreetMatcher(response.matcher, work.privacy);
  const data = {
    requestId: response.requestId,
    matcher: fieldsOf(matcher),
    until: until.toISOString(),
    ...(gate === null ? {} : { gate }),
  };
  const entry = await record(work, { ...draftOf(response, work, name), kind: `${action}.started`, data });
  return told(response, entry, `The ${action} is in force`, {
    facts: [
      { name: "Hides", value: describeMatcher(matcher) },
      { name: "Until", value: until.toISOString() },
      ...(gate === null ? [] : [{ name: "Agreed", value: gate }]),
    ],
    next: `End it when the work is over: action end-${action}, subject ${response.requestId}. Its bill lists what it hid.`,
  });
}

async function end(response: End, work: RespondWork): Promise<Completed> {
  const kind = response.action === "end-silence" ? "silence" : "override";
  const id = response.suppression;
  const find = (): Suppression | undefined =>
    suppressionsOf(entriesOf(work), work.now()).find((each) => each.id === id && each.kind === kind);
  const found = find();
  if (found === undefined) throw new Refusal(`The ledger knows no ${kind} ${id}.`, `Take the id from the list of ${kind}s in force.`);
  const at = work.now().toISOString();
  const entry = await record(
    work,
    endDraft(found, { ...writerOf(work), reason: response.reason, at, expired: false, requestId: response.requestId }),
  );
  const { alerts, occurrences, byRule } = find()?.bill ?? found.bill;
  return told(response, entry, `The ${kind} is over`, {
    facts: [
      { name: "Hid", value: describeMatcher(found.matcher) },
      { name: "Alerts hidden", value: `${alerts}, of ${occurrences} occurrences` },
      ...byRule.map((each) => ({ name: each.rule, value: `${each.alerts} alerts, ${each.occurrences} occurrences` })),
    ],
    next: alerts === 0 ? "Nothing: it hid nothing." : "Read what it hid: its alerts are in the ledger and on the page.",
  });
}

/**
 * The run itself is the approval, which the worker that applies reads from GitHub and judges anew. What can be known here already to count for nothing is
 * refused, and the rest is put on record.
 */
async function approve(response: Approve, work: RespondWork): Promise<Completed> {
  const { approvals } = work.config;
  const { actor } = work.origin;
  if (approvals.migrations !== "dispatch")
    throw new Refusal(
      "Migrations are approved in the environment migration-approval here.",
      "Approve the waiting run, or set approvals.migrations: dispatch in holdfast.yml.",
    );
  const plan = planOfDigest(entriesOf(work), response.digest);
  if (plan === null)
    throw new Refusal(`The ledger knows no rehearsal that ended with ${response.digest}.`, "Take the digest from the migration's page.");
  const asked = entriesOf(work).find((entry) => entry.id === entryId(plan.requestId, "planned"))?.actor;
  const requesters = asked === undefined ? [] : [asked];
  if (!mayApprove(actor, { requesters, authors: plan.authors, approvals }))
    throw new Refusal(
      `An approval of ${actor} does not count: whoever asked for it or wrote it never approves it, and where approvers are named only they do.`,
      "Ask somebody else to approve it.",
    );
  const name = entryId(plan.requestId, `approved-${response.digest.slice(0, 12)}-by-${actor}`);
  const { at } = await record(work, {
    ...draftOf(response, work, name),
    kind: "request.approved",
    data: { requestId: plan.requestId, work: "migration", cluster: plan.cluster, digest: response.digest, by: "dispatch" },
  });
  return {
    result: "completed",
    title: `The migration of ${plan.cluster} is approved by ${actor}`,
    facts: [
      { name: "Approved", value: response.digest },
      { name: "Holds until", value: new Date(Date.parse(at) + durationMs(approvals.validFor)).toISOString() },
      { name: "Reason", value: response.reason },
    ],
    next: `Once ${Math.max(1, approvals.required)} approved, whoever asked re-runs the failed job of its run from GitHub, and it counts them there.`,
  };
}

function askedFor({ origin, approvers }: RespondWork): Asked {
  return { what: "An override", environment: "override", actor: origin.actor, approvers };
}

function mustBeKnown({ app }: Matcher, config: Config): void {
  const known = config.apps.map((each) => each.name);
  if (app === undefined || known.includes(app)) return;
  throw new Refusal(
    `There is no app ${app}: such a silence would hide nothing.`,
    `Name one of the apps in holdfast.yml: ${known.join(", ") || "none is configured"}.`,
  );
}

/** Without hashes all keys are one: what is meant for one would hide them all. */
function mustBeTellable({ key, app }: Matcher, privacy: Privacy): void {
  if (key === undefined || hashedKey(key, privacy, app ?? null) !== null) return;
  throw new Refusal(
    "Alerts cannot be told apart by their keys: privacy is strict, and this environment has no PRIVACY_KEY.",
    "Give the environments respond, detect and pull-alerts and the collector the same PRIVACY_KEY, or leave the key out.",
  );
}

function discreetMatcher(matcher: Matcher, privacy: Privacy): Matcher {
  return matcher.key === undefined ? matcher : { ...matcher, key: discreetKey(matcher.key, privacy, matcher.app ?? null) };
}

/** Only the fields that are given: what is absent matches anything. */
function fieldsOf(matcher: Matcher): Record<string, string> {
  return Object.fromEntries(MATCHER_FIELDS.flatMap((field) => (matcher[field] === undefined ? [] : [[field, matcher[field]]])));
}

/** The entry that stands afterwards, which may be somebody else's. */
async function record({ journal }: RespondWork, draft: Draft): Promise<Entry> {
  const { entries } = await journal.append([draft]);
  const entry = entries.find((each) => each.id === draft.id);
  if (entry === undefined) throw new Error(`the ledger took entry ${draft.id} but does not show it`);
  return entry;
}

function told(
  response: Response,
  entry: Entry,
  title: string,
  rest: { readonly facts: readonly Fact[]; readonly next: string },
): Completed {
  const earlier =
    entry.data.requestId === response.requestId
      ? []
      : [{ name: "Already done", value: `by ${entry.actor} at ${entry.at}: ${entry.reason}` }];
  return { result: "completed", title, facts: [...earlier, ...rest.facts, { name: "Reason", value: response.reason }], next: rest.next };
}

function draftOf({ reason, incident }: Response, work: RespondWork, id: string): Omit<Draft, "kind" | "data"> {
  const { actor, run, now } = writerOf(work);
  return { id, at: now.toISOString(), actor, run, reason, ...(incident === undefined ? {} : { incident }) };
}

function writerOf({ origin, now }: RespondWork) {
  return { actor: origin.actor, run: origin.run, now: now() };
}

function entriesOf({ journal }: RespondWork): readonly Entry[] {
  return journal.view().entries;
}

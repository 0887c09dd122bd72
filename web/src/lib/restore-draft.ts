/** The restore form's own decisions, apart from drawing: which points are offered, what a draft still lacks, what each choice costs. */
import {
  type ClusterView,
  choosePoint,
  type Damage,
  InvalidInput,
  isUsable,
  type PointVerdict,
  parseRestoreRequest,
  proposeRestorePoint,
  type RecoveryPoint,
  type RestoreInputs,
  type RestoreRequest,
  restoreInputsOf,
} from "@holdfast/actions/domain";
import type { CheckedDraft, Problems } from "./checked-draft.ts";

export interface Candidate {
  readonly key: string;
  readonly title: string;
  readonly detail: string;
  readonly point: RecoveryPoint;
  readonly verdict: PointVerdict;
  /** Writes from before the damage that it gives up; null where no damage is known, or it holds that. */
  readonly losesBeforeMs: number | null;
}

export interface RestoreDraft {
  readonly cluster: string;
  readonly point: RecoveryPoint | null;
  readonly target: string;
  readonly reason: string;
  readonly typed: string;
  readonly incident: string;
  /** A statement that is true where sampled victims are undamaged; empty for none. */
  readonly sample: string;
  readonly requestId: string;
}

export const RESTORE_FIELDS = [
  { name: "point", label: "Recovery point" },
  { name: "target", label: "Name of the new cluster" },
  { name: "reason", label: "Reason" },
  { name: "typed", label: "Typed name" },
  { name: "incident", label: "Incident" },
  { name: "sample", label: "Statement" },
] as const;
type RestoreField = (typeof RESTORE_FIELDS)[number]["name"];
export type RestoreProblems = Problems<RestoreField>;

export type CheckedRestore = CheckedDraft<{ readonly request: RestoreRequest; readonly inputs: RestoreInputs }, RestoreField>;

/** What the form was opened for: a snapshot by name, or what is known of the damage. */
export interface AskedPoint {
  readonly snapshot: string | null;
  readonly damage: Damage | null;
  /** A second that is known to be good: the one before a migration. */
  readonly upTo?: Date | null;
}

/** What was asked for comes first, then the newest second, then snapshots, newest first. */
export function candidatesOf(view: ClusterView, asked: AskedPoint, now: Date): readonly Candidate[] {
  const latest = view.latestRestorableTime;
  const newest: Candidate[] =
    latest === null
      ? []
      : [
          candidate(
            view,
            { kind: "time", time: wholeSecond(latest) },
            "time:latest",
            "Newest second",
            "the end of the continuous range, as AWS last said",
            now,
          ),
        ];
  const snapshots = view.snapshots
    .filter(isUsable)
    .toSorted((a, b) => Date.parse(b.takenAt) - Date.parse(a.takenAt))
    .map((each) =>
      candidate(
        view,
        { kind: "snapshot", snapshot: each.id },
        `snapshot:${each.id}`,
        `Snapshot ${each.id}`,
        [
          each.trigger ?? (each.automated ? "automatic by AWS" : "not made by Holdfast"),
          each.appVersion === null ? [] : [`application ${each.appVersion}`],
        ]
          .flat()
          .join(", "),
        now,
      ),
    );
  const named = snapshots.filter((each) => each.point.kind === "snapshot" && each.point.snapshot === asked.snapshot);
  const proposed = [...upToOf(view, asked.upTo ?? null, now), ...proposedOf(view, asked.damage, now)];
  // A snapshot that is proposed stands in its own place too; the proposal says why it comes first.
  const others = [...named, ...newest, ...snapshots].filter((each) => !proposed.some((other) => samePoint(other.point, each.point)));
  const ordered = [...proposed, ...others];
  return ordered.filter((each, index) => ordered.indexOf(each) === index).map((each) => withLoss(each, asked.damage));
}

function samePoint(a: RecoveryPoint, b: RecoveryPoint): boolean {
  return a.kind === "snapshot" && b.kind === "snapshot" && a.snapshot === b.snapshot;
}

/** What is given up although it was good, or that it holds the damage. */
function withLoss(each: Candidate, damage: Damage | null): Candidate {
  if (damage === null || !each.verdict.ok) return each;
  const { at } = each.verdict.choice;
  if (damage.rejected.some((bad) => at >= bad)) return { ...each, detail: `${each.detail}; sampled victims were damaged in it` };
  if (at >= damage.first) return { ...each, detail: `${each.detail}; it holds what the alert is about` };
  return { ...each, losesBeforeMs: damage.first.getTime() - at.getTime() };
}

/** Where the damage lies beyond everything that can be restored, that is said, and a person has to choose. */
function proposedOf(view: ClusterView, damage: Damage | null, now: Date): readonly Candidate[] {
  if (damage === null) return [];
  const proposal = proposeRestorePoint(damage, view, now);
  if (proposal !== null) {
    const waits = proposal.waits ? "; AWS cannot restore it yet, and the worker waits for that" : "";
    return [candidate(view, proposal.point, "before", "Just before the alert", `${proposal.reason}${waits}`, now)];
  }
  const point: RecoveryPoint = { kind: "time", time: new Date(wholeSecond(damage.first.toISOString()).getTime() - 1_000) };
  const problem = "Nothing from before the damage can be restored any more.";
  return [{ key: "before", title: "Just before the alert", detail: "", point, verdict: { ok: false, problem }, losesBeforeMs: null }];
}

function upToOf(view: ClusterView, upTo: Date | null, now: Date): readonly Candidate[] {
  if (upTo === null || Number.isNaN(upTo.getTime()) || view.earliestRestorableTime === null) return [];
  const time = wholeSecond(upTo.toISOString());
  return [candidate(view, { kind: "time", time }, "time:up-to", "The second before the migration", "nothing of it had begun then", now)];
}

function candidate(view: ClusterView, point: RecoveryPoint, key: string, title: string, detail: string, now: Date): Candidate {
  return { key, title, detail, point, verdict: choosePoint(view, point, now), losesBeforeMs: null };
}

/** `app-prod-restore-20261120-1402`, cut so that RDS accepts it. */
export function suggestTarget(cluster: string, now: Date): string {
  const stamp = now.toISOString().slice(0, 16).replace(/[-:]/g, "").replace("T", "-");
  const suffix = `-restore-${stamp}`;
  return `${cluster.slice(0, 63 - suffix.length).replace(/-+$/, "")}${suffix}`;
}

/** The request to review and to send, or everything that keeps it from being sent. */
export function checkRestore(draft: RestoreDraft, view: ClusterView, now: Date): CheckedRestore {
  const { cluster, point, target, reason, incident, sample, requestId } = draft;
  const chosen = point === null ? null : choosePoint(view, point, now);
  const known = [view.id, ...view.restored.map((each) => each.id)];
  const local: RestoreProblems = {
    ...(chosen === null ? { point: "Choose a point to go back to." } : chosen.ok ? {} : { point: chosen.problem }),
    ...(known.includes(target) && target !== cluster ? { target: `A cluster named ${target} exists already; choose a new name.` } : {}),
    ...(draft.typed === cluster ? {} : { typed: draft.typed === "" ? `Type ${cluster}.` : `This is not ${cluster}.` }),
  };
  try {
    const request = parseRestoreRequest(
      {
        cluster,
        target,
        snapshot: point?.kind === "snapshot" ? point.snapshot : "",
        time: point?.kind === "time" ? point.time.toISOString() : "",
        reason,
        request_id: requestId,
        sample,
        incident,
      },
      now,
    );
    return Object.keys(local).length === 0 ? { ok: true, request, inputs: restoreInputsOf(request) } : { ok: false, problems: local };
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    return { ok: false, problems: { ...problemsOf(error), ...local } };
  }
}

function problemsOf(error: InvalidInput): RestoreProblems {
  return Object.fromEntries(
    error.problems.map(({ path, allowed }) => [
      path === "target" || path === "reason" || path === "incident" || path === "sample" ? path : "point",
      `${allowed.charAt(0).toUpperCase()}${allowed.slice(1)}.`,
    ]),
  );
}

function wholeSecond(text: string): Date {
  return new Date(Math.floor(Date.parse(text) / 1000) * 1000);
}

/** The restore form's own decisions, apart from drawing: which points are offered, what a draft still lacks, what each choice costs. */
import {
  type ClusterView,
  choosePoint,
  InvalidInput,
  isUsable,
  type PointVerdict,
  parseRestoreRequest,
  type RecoveryPoint,
  type RestoreRequest,
} from "@holdfast/actions/domain";

export interface Candidate {
  readonly key: string;
  readonly title: string;
  readonly detail: string;
  readonly point: RecoveryPoint;
  readonly verdict: PointVerdict;
}

export interface RestoreDraft {
  readonly cluster: string;
  readonly point: RecoveryPoint | null;
  readonly target: string;
  readonly reason: string;
  readonly typed: string;
  readonly incident: string;
  readonly requestId: string;
}

export interface DraftProblems {
  readonly point?: string;
  readonly target?: string;
  readonly reason?: string;
  readonly typed?: string;
  readonly incident?: string;
}

export type CheckedDraft =
  | { readonly ok: true; readonly request: RestoreRequest }
  | { readonly ok: false; readonly problems: DraftProblems };

/** What the form was opened for: a snapshot by name, or the moment at which something began to go wrong. */
export interface AskedPoint {
  readonly snapshot: string | null;
  readonly before: Date | null;
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
  const before = beforeOf(view, asked.before, now);
  // Out of reach it is still told of; then the newest snapshot from before it is the cleanest there is, and without one a person has to choose.
  const clean = before.some((each) => each.verdict.ok) ? [] : snapshots.filter((each) => isBefore(each, asked.before)).slice(0, 1);
  const ordered = [...clean, ...before, ...named, ...newest, ...snapshots];
  return ordered.filter((each, index) => ordered.indexOf(each) === index).map((each) => withWarning(each, asked.before));
}

function isBefore({ verdict }: Candidate, moment: Date | null): boolean {
  return moment !== null && verdict.ok && verdict.choice.at < moment;
}

function withWarning(each: Candidate, moment: Date | null): Candidate {
  if (moment === null || !each.verdict.ok || isBefore(each, moment)) return each;
  return { ...each, detail: `${each.detail}; it holds what the alert is about` };
}

/** A line may be written a little after what it tells of: the whole second before the first line is the last that is surely clean. */
function beforeOf(view: ClusterView, before: Date | null, now: Date): readonly Candidate[] {
  if (before === null || view.earliestRestorableTime === null) return [];
  const time = new Date(wholeSecond(before.toISOString()).getTime() - 1_000);
  return [
    candidate(view, { kind: "time", time }, "time:before", "Just before the alert", "the second before the first line that counted", now),
  ];
}

function candidate(view: ClusterView, point: RecoveryPoint, key: string, title: string, detail: string, now: Date): Candidate {
  return { key, title, detail, point, verdict: choosePoint(view, point, now) };
}

/** `app-prod-restore-20261120-1402`, cut so that RDS accepts it. */
export function suggestTarget(cluster: string, now: Date): string {
  const stamp = now.toISOString().slice(0, 16).replace(/[-:]/g, "").replace("T", "-");
  const suffix = `-restore-${stamp}`;
  return `${cluster.slice(0, 63 - suffix.length).replace(/-+$/, "")}${suffix}`;
}

/** The request to review and to send, or everything that keeps it from being sent. */
export function checkDraft(draft: RestoreDraft, view: ClusterView, now: Date): CheckedDraft {
  const { cluster, point, target, reason, incident, requestId } = draft;
  const chosen = point === null ? null : choosePoint(view, point, now);
  const known = [view.id, ...view.restored.map((each) => each.id)];
  const local: DraftProblems = {
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
        incident,
      },
      now,
    );
    return Object.keys(local).length === 0 ? { ok: true, request } : { ok: false, problems: local };
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    return { ok: false, problems: { ...problemsOf(error), ...local } };
  }
}

function problemsOf(error: InvalidInput): DraftProblems {
  return Object.fromEntries(
    error.problems.map(({ path, allowed }) => [
      path === "target" || path === "reason" || path === "incident" ? path : "point",
      `${allowed.charAt(0).toUpperCase()}${allowed.slice(1)}.`,
    ]),
  );
}

function wholeSecond(text: string): Date {
  return new Date(Math.floor(Date.parse(text) / 1000) * 1000);
}

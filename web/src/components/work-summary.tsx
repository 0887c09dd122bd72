import type { ResponseAction, StateWord } from "@holdfast/actions/domain";
import { visibleText } from "../lib/visible-text.ts";
import type { WorkState, WorkView } from "../lib/work.ts";
import { StatusSign, SummaryRow } from "./summary-row.tsx";

export const WORK_STATES: Readonly<Record<WorkState, string>> = {
  waiting: "waiting for a decision",
  queued: "queued at GitHub",
  running: "running",
  completed: "completed",
  refused: "refused",
  rejected: "rejected by a reviewer",
  lapsed: "ended before it began",
  failed: "failed",
  lost: "ended without a record",
};

const SHAPES: Readonly<Record<WorkState, StateWord | null>> = {
  waiting: null,
  queued: null,
  running: null,
  completed: "normal",
  refused: "override",
  rejected: "override",
  lapsed: "override",
  failed: "blocked",
  lost: "degraded",
};

const ANSWERS: Readonly<Record<ResponseAction, string>> = {
  acknowledge: "Acknowledge",
  resolve: "Resolve",
  silence: "Silence",
  "end-silence": "End silence",
  override: "Override",
  "end-override": "End override",
  approve: "Approve",
};

/** "Restore app-prod → app-prod-restore-…" */
export function workTitle(view: WorkView): string {
  if (view.work === "respond") {
    return visibleText(`${view.answer === null ? "Answer" : ANSWERS[view.answer]} ${view.target ?? "to something that was not recorded"}`);
  }
  if (view.work === "snapshot") return `Snapshot of ${view.cluster}`;
  if (view.work === "rewind") return visibleText(`Rewind ${view.target ?? "tables"} of ${view.cluster}`);
  if (view.work === "migrate")
    return visibleText(view.target === null ? `Migrate ${view.cluster}` : `Take ${view.target} and newer back from ${view.cluster}`);
  if (view.work === "cleanup") return visibleText(`Remove ${view.target ?? `something left over of ${view.cluster}`}`);
  if (view.work === "cut-over") return visibleText(`Put ${view.target ?? "a restored cluster"} in the place of ${view.cluster}`);
  if (view.work === "hold") return visibleText(`Hold, release or let go of ${view.target ?? `a snapshot of ${view.cluster}`}`);
  return visibleText(`Restore ${view.cluster}${view.target === null ? "" : ` → ${view.target}`}`);
}

export function WorkStateSign({ state }: { readonly state: WorkState }) {
  return <StatusSign shape={SHAPES[state]} words={WORK_STATES[state]} />;
}

/** One line a piece of work, for lists. */
export function WorkSummary({ view }: { readonly view: WorkView }) {
  const step = view.steps.find((each) => each.state === "current");
  const at = view.steps.findIndex((each) => each.state === "current") + 1;
  return (
    <SummaryRow
      to={`/runs/${view.requestId}`}
      title={workTitle(view)}
      sign={<WorkStateSign state={view.state} />}
      detail={
        <>
          {view.state === "running" && step ? `step ${at} of ${view.steps.length}: ${step.label}; ` : null}
          {visibleText(view.actor)}
          {view.reason === null ? null : `: ${visibleText(view.reason)}`}
        </>
      }
      at={view.askedAt}
    />
  );
}

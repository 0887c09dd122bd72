import type { StateWord } from "@holdfast/actions/domain";
import { Link } from "wouter";
import { visibleText } from "../lib/visible-text.ts";
import type { WorkState, WorkView } from "../lib/work.ts";
import { Sign, StateIcon } from "./icons.tsx";
import { Instant } from "./instant.tsx";
import styles from "./work-summary.module.css";

export const WORK_STATES: Readonly<Record<WorkState, string>> = {
  waiting: "waiting for a decision",
  queued: "queued at GitHub",
  running: "running",
  completed: "completed",
  refused: "refused",
  rejected: "rejected by a reviewer",
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
  failed: "blocked",
  lost: "degraded",
};

/** "Restore app-prod → app-prod-restore-…" */
export function workTitle(view: WorkView): string {
  if (view.work === "snapshot") return `Snapshot of ${view.cluster}`;
  if (view.work === "cleanup") return visibleText(`Remove ${view.target ?? `something left over of ${view.cluster}`}`);
  return visibleText(`Restore ${view.cluster}${view.target === null ? "" : ` → ${view.target}`}`);
}

export function WorkStateSign({ state }: { readonly state: WorkState }) {
  const shape = SHAPES[state];
  return (
    <span className={styles.state} data-shape={shape ?? "active"}>
      {shape === null ? <Sign name="recovery" /> : <StateIcon state={shape} />}
      {WORK_STATES[state]}
    </span>
  );
}

/** One line a piece of work, for lists. */
export function WorkSummary({ view }: { readonly view: WorkView }) {
  const step = view.steps.find((each) => each.state === "current");
  const at = view.steps.findIndex((each) => each.state === "current") + 1;
  return (
    <li className={styles.summary}>
      <Link href={`/runs/${view.requestId}`} className={styles.link ?? ""}>
        {workTitle(view)}
      </Link>
      <WorkStateSign state={view.state} />
      <span className={styles.detail}>
        {view.state === "running" && step ? `step ${at} of ${view.steps.length}: ${step.label}; ` : null}
        {visibleText(view.actor)}
        {view.reason === null ? null : `: ${visibleText(view.reason)}`}
      </span>
      <Instant at={view.askedAt} relative />
    </li>
  );
}

import { showDuration } from "../lib/show-instant.ts";
import { useNow } from "../lib/use-now.ts";
import type { StepView } from "../lib/work.ts";
import { Sign } from "./icons.tsx";
import { Instant } from "./instant.tsx";
import styles from "./step-list.module.css";

const STATES = { done: "done", current: "in progress", waiting: "not yet", stopped: "not reached" } as const;

export function StepList({ steps, label }: { readonly steps: readonly StepView[]; readonly label: string }) {
  return (
    <ol className={styles.steps} aria-label={label}>
      {steps.map((step) => (
        <li key={step.name} className={styles.step} data-state={step.state} aria-current={step.state === "current" ? "step" : undefined}>
          <span className={styles.mark}>
            {step.state === "done" ? <Sign name="done" /> : step.state === "stopped" ? <Sign name="stopped" /> : null}
          </span>
          <span className={styles.label}>
            {step.label} <span className={styles.state}>{STATES[step.state]}</span>
          </span>
          <span className={styles.time}>{step.doneAt === null ? null : <Instant at={step.doneAt} />}</span>
          <span className={styles.elapsed}>
            {step.state === "current" ? <Running step={step} /> : null}
            {step.state === "done" && step.startedAt !== null && step.doneAt !== null
              ? `took ${showDuration(step.doneAt.getTime() - step.startedAt.getTime())}`
              : null}
          </span>
        </li>
      ))}
    </ol>
  );
}

/** How long it has been going on, against our own history of this step. */
function Running({ step }: { readonly step: StepView }) {
  const now = useNow(1_000);
  const elapsed = step.startedAt === null ? null : Math.max(0, now.getTime() - step.startedAt.getTime());
  const { expected } = step;
  const overdue = expected !== null && elapsed !== null && elapsed > expected.p90Ms;
  return (
    <>
      {elapsed === null ? null : `for ${showDuration(elapsed)}; `}
      {expected === null ? "no history yet" : `usually ${showDuration(expected.medianMs)} (median of ${expected.n})`}
      {overdue ? (
        <strong className={styles.overdue}>overdue by {showDuration(elapsed - expected.p90Ms)}: look at the run on GitHub</strong>
      ) : null}
    </>
  );
}

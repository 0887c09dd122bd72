import type { ReactNode } from "react";
import { explain, failureDetails } from "../lib/api-failure.ts";
import { Button } from "./button.tsx";
import { CopyButton } from "./copy-button.tsx";
import { StateIcon } from "./icons.tsx";
import styles from "./notice.module.css";

export function Loading({ what }: { readonly what: string }) {
  return (
    <p className={styles.loading} aria-busy="true">
      Reading {what}…
    </p>
  );
}

interface EmptyProps {
  readonly title: string;
  /** Why it is empty, and the next step. */
  readonly children: ReactNode;
}

export function Empty({ title, children }: EmptyProps) {
  return (
    <div className={styles.notice}>
      <p className={styles.title}>{title}</p>
      <div className={styles.body}>{children}</div>
    </div>
  );
}

interface FailureProps {
  readonly what: string;
  readonly error: unknown;
  readonly onRetry?: () => void;
}

export function Failure({ what, error, onRetry }: FailureProps) {
  const { meaning, next } = explain(error);
  return (
    <div className={styles.notice} data-kind="failure">
      <p className={styles.title}>
        <StateIcon state="degraded" />
        {what}
      </p>
      <div className={styles.body}>
        <p className={styles.lines}>{meaning}</p>
        <p>{next}</p>
        <div className={styles.actions}>
          {onRetry ? <Button onClick={onRetry}>Try again</Button> : null}
          <CopyButton text={failureDetails(error)} label="Copy details" />
        </div>
      </div>
    </div>
  );
}

interface NoticeProps {
  readonly kind: "info" | "warning" | "problem";
  readonly title: string;
  readonly children?: ReactNode;
}

export function Notice({ kind, title, children }: NoticeProps) {
  return (
    <div className={styles.notice} data-kind={kind}>
      <p className={styles.title}>
        {kind === "info" ? null : <StateIcon state={kind === "problem" ? "blocked" : "degraded"} />}
        {title}
      </p>
      {children === undefined ? null : <div className={styles.body}>{children}</div>}
    </div>
  );
}

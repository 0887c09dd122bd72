import type { StateWord } from "@holdfast/actions/domain";
import type { ReactNode } from "react";
import { Link } from "wouter";
import { Sign, StateIcon } from "./icons.tsx";
import { Instant } from "./instant.tsx";
import styles from "./summary-row.module.css";

interface StatusSignProps {
  /** Null while it goes on and nothing can be said of it yet. */
  readonly shape: StateWord | null;
  readonly words: string;
}

/** How something stands: a shape of its own and the words for it. */
export function StatusSign({ shape, words }: StatusSignProps) {
  return (
    <span className={styles.state} data-shape={shape ?? "active"}>
      {shape === null ? <Sign name="recovery" /> : <StateIcon state={shape} />}
      {words}
    </span>
  );
}

interface SummaryRowProps {
  readonly to: string;
  readonly title: string;
  readonly sign: ReactNode;
  readonly detail: ReactNode;
  readonly at: Date;
}

/** One line in a list of things that have screens of their own. */
export function SummaryRow({ to, title, sign, detail, at }: SummaryRowProps) {
  return (
    <li className={styles.summary}>
      <Link href={to} className={styles.link ?? ""}>
        {title}
      </Link>
      {sign}
      <span className={styles.detail}>{detail}</span>
      <Instant at={at} relative />
    </li>
  );
}

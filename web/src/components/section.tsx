import { type ReactNode, useId } from "react";
import styles from "./section.module.css";

interface SectionProps {
  readonly title: string;
  /** Beside the heading: what can be done here. */
  readonly actions?: ReactNode;
  readonly boxed?: boolean;
  readonly children: ReactNode;
}

export function Section({ title, actions, boxed = false, children }: SectionProps) {
  const id = useId();
  return (
    <section className={styles.section} data-boxed={boxed || undefined} aria-labelledby={id}>
      <div className={styles.head}>
        <h2 id={id}>{title}</h2>
        {actions === undefined ? null : <div className={styles.actions}>{actions}</div>}
      </div>
      {children}
    </section>
  );
}

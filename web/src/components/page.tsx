import { type ReactNode, useEffect } from "react";
import styles from "./page.module.css";

interface PageProps {
  readonly title: string;
  /** The tab's title where it says more than the heading. */
  readonly tabTitle?: string;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

/** One screen: its heading, what can be done, and the browser tab's title. */
export function Page({ title, tabTitle = title, actions, children }: PageProps) {
  useEffect(() => {
    document.title = `${tabTitle} · Holdfast`;
  }, [tabTitle]);
  return (
    <div className={styles.page}>
      <div className={styles.head}>
        <h1 tabIndex={-1}>{title}</h1>
        {actions === undefined ? null : <div className={styles.actions}>{actions}</div>}
      </div>
      {children}
    </div>
  );
}

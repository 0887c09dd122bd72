import type { ReactNode } from "react";
import styles from "./two-sides.module.css";

interface TwoSidesProps {
  /** Always in sight: what comes of what is chosen. Below it on a narrow screen. */
  readonly side: ReactNode;
  readonly children: ReactNode;
}

export function TwoSides({ side, children }: TwoSidesProps) {
  return (
    <div className={styles.sides}>
      <div className={styles.choices}>{children}</div>
      <div className={styles.side}>{side}</div>
    </div>
  );
}

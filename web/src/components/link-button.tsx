import type { ReactNode } from "react";
import { Link } from "wouter";
import styles from "./button.module.css";

interface LinkButtonProps {
  readonly to: string;
  readonly tone?: "primary" | "plain" | "quiet";
  /** The full name where the visible words alone do not say what is opened. */
  readonly label?: string;
  readonly children: ReactNode;
}

export function LinkButton({ to, tone = "plain", label, children }: LinkButtonProps) {
  return (
    <Link href={to} className={styles.button ?? ""} data-tone={tone} aria-label={label}>
      {children}
    </Link>
  );
}

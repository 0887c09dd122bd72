import { type ComponentProps, type ReactNode, useId } from "react";
import { announceAlert } from "../lib/announce.ts";
import styles from "./button.module.css";

interface ButtonProps extends Omit<ComponentProps<"button">, "disabled" | "aria-disabled" | "aria-describedby" | "className"> {
  readonly tone?: "primary" | "plain" | "quiet";
  /** Why it cannot be used now; the button stays reachable and says so. */
  readonly blocked?: string | null;
  readonly children: ReactNode;
}

export function Button({ tone = "plain", blocked = null, onClick, type = "button", children, ...rest }: ButtonProps) {
  const id = useId();
  return (
    <span className={styles.wrap}>
      <button
        {...rest}
        type={type}
        className={styles.button}
        data-tone={tone}
        aria-disabled={blocked === null ? undefined : true}
        aria-describedby={blocked === null ? undefined : id}
        onClick={(event) => {
          if (blocked === null) return onClick?.(event);
          event.preventDefault();
          announceAlert(blocked);
        }}
      >
        {children}
      </button>
      {blocked === null ? null : (
        <span className={styles.why} id={id}>
          {blocked}
        </span>
      )}
    </span>
  );
}

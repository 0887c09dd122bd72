import type { StateWord } from "@holdfast/actions/domain";
import styles from "./icons.module.css";

const PATHS: Readonly<Record<StateWord, string>> = {
  normal: "M8 1.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13ZM5 8.2l2.1 2.1L11.2 6",
  degraded: "M8 1.8 15 14H1L8 1.8ZM8 6.3v3.6M8 11.6v.9",
  blocked: "M5.3 1.5h5.4l3.8 3.8v5.4l-3.8 3.8H5.3l-3.8-3.8V5.3L5.3 1.5ZM5 8h6",
  override:
    "M4.5 9V4.7M6.9 7.5V2.7M9.3 7.5V3M11.6 8.5V4.7M4.5 8.8 3 7.5c-.8-.6-1.6.3-1.1 1.1 1.3 2 2.3 5.9 5.9 5.9 2.8 0 3.8-2 3.8-4.3V8.2",
};

/** A shape of its own for every state, so that colour is never the only sign. */
export function StateIcon({ state }: { readonly state: StateWord }) {
  return (
    <svg className={styles.icon} viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[state]} />
    </svg>
  );
}

const SIGNS = {
  overview: "M2 2.5h5v5H2zM9 2.5h5v3H9zM9 7.5h5v6H9zM2 9.5h5v4H2z",
  alerts: "M3 11.5h10L11.6 9.8V6.6a3.6 3.6 0 0 0-7.2 0v3.2L3 11.5ZM6.6 13.6a1.5 1.5 0 0 0 2.8 0",
  recovery: "M2.5 8a5.5 5.5 0 1 0 1.7-4M2.3 1.8v3h3M8 5v3.3l2.2 1.4",
  ledger: "M3 1.8h10v12.4H3zM5.5 5h5M5.5 8h5M5.5 11h3",
  migrations: "M2.5 3.5h11M2.5 8h6M2.5 12.5h6M11.5 7v6M9 10.7l2.5 2.3 2.5-2.3",
  token: "M10.5 1.8a3.7 3.7 0 1 1-2.6 6.3L2 14.2M3.5 12.6l1.7 1.7M5.3 10.8l1.4 1.4",
  done: "M3 8.5l3.3 3.3L13 4.8",
  stopped: "M4 4l8 8M12 4l-8 8",
  copy: "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
} as const;

export function Sign({ name }: { readonly name: keyof typeof SIGNS }) {
  return (
    <svg className={styles.icon} viewBox="0 0 16 16" aria-hidden="true">
      <path d={SIGNS[name]} />
    </svg>
  );
}

import { rfc3339, showInstant, showLocal, showRelative, showUtc } from "../lib/show-instant.ts";
import { useSystem } from "../lib/system.tsx";
import { useNow } from "../lib/use-now.ts";
import styles from "./instant.module.css";

interface InstantProps {
  readonly at: Date;
  /** Also say how long ago. */
  readonly relative?: boolean;
}

/** An instant in the chosen view; the other view is its title, and the machine-readable one its `datetime`. */
export function Instant({ at, relative = false }: InstantProps) {
  const { timeView } = useSystem();
  return (
    <span className={styles.instant}>
      <time dateTime={rfc3339(at)} title={timeView === "utc" ? showLocal(at) : showUtc(at)}>
        {showInstant(at, timeView)}
      </time>
      {relative ? <Ago at={at} /> : null}
    </span>
  );
}

export function Ago({ at }: { readonly at: Date }) {
  const now = useNow(1_000);
  const text = showRelative(at, now);
  return text === null ? null : <span className={styles.ago}>{text}</span>;
}

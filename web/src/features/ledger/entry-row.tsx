import { type Entry, entryId } from "@holdfast/actions/domain";
import { memo } from "react";
import { Link } from "wouter";
import { CopyButton } from "../../components/copy-button.tsx";
import { Instant } from "../../components/instant.tsx";
import { readData } from "../../lib/entry-data.ts";
import { visibleText } from "../../lib/visible-text.ts";
import styles from "./ledger.module.css";

/** One entry; opened, its whole content as it was hashed. */
export const EntryRow = memo(function EntryRow({ entry }: { readonly entry: Entry }) {
  const { requestId } = readData(entry);
  return (
    <li>
      <details className={styles.entry}>
        <summary>
          <span className={styles.seq}>#{entry.seq}</span>
          <span className={styles.kind}>{entry.kind}</span>
          <span className={styles.actor}>{visibleText(entry.actor)}</span>
          <span className={styles.at}>
            <Instant at={new Date(entry.at)} />
          </span>
          <span className={styles.reason}>{visibleText(entry.reason)}</span>
        </summary>
        <div className={styles.detail}>
          <pre>{visibleText(JSON.stringify(entry, null, 2))}</pre>
          <div className={styles.actions}>
            <CopyButton text={JSON.stringify(entry)} label={`Copy entry ${entry.seq}`} />
            {requestId !== undefined && entry.id.startsWith(entryId(requestId, "")) ? (
              <Link href={`/runs/${requestId}`}>All steps of this request</Link>
            ) : null}
            {entry.incident === undefined ? null : (
              <Link href={`/incidents/${encodeURIComponent(entry.incident)}`}>Incident {entry.incident}</Link>
            )}
          </div>
        </div>
      </details>
    </li>
  );
});

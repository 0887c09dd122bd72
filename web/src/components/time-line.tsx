import type { Entry } from "@holdfast/actions/domain";
import type { ReactNode } from "react";
import { Link } from "wouter";
import { readData } from "../lib/entry-data.ts";
import { useSystem } from "../lib/system.tsx";
import { visibleText } from "../lib/visible-text.ts";
import { Instant } from "./instant.tsx";
import styles from "./time-line.module.css";

/** What happened, in order; its items are entries of the ledger and marks. */
export function TimeLine({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <ol className={styles.line} aria-label={label}>
      {children}
    </ol>
  );
}

interface MarkProps {
  readonly at: Date;
  /** Not what the line of time is about. */
  readonly aside: boolean;
  readonly children: ReactNode;
}

/** A moment that no entry of its own tells of. */
export function Mark({ at, aside, children }: MarkProps) {
  return (
    <li className={styles.item} data-mark={aside ? undefined : true}>
      <Instant at={at} />
      {aside ? <span>{children}</span> : <strong>{children}</strong>}
    </li>
  );
}

interface EntryLineProps {
  readonly entry: Entry;
  /** The alert on whose screen the line stands: nothing leads to where one is. */
  readonly here?: string;
}

/** One entry in a sentence, with the way to the request and the alert that it tells of. */
export function EntryLine({ entry, here }: EntryLineProps) {
  const { work } = useSystem();
  const { requestId, problem } = readData(entry);
  const request = work.find((view) => view.requestId === requestId);
  return (
    <li className={styles.item}>
      <Instant at={new Date(entry.at)} />
      <span>
        #{entry.seq} <strong>{entry.kind}</strong> by {visibleText(entry.actor)}
        {entry.reason === "" ? null : `: ${visibleText(entry.reason)}`}
        {problem === undefined ? null : ` (${visibleText(problem)})`}
      </span>
      <span className={styles.ways}>
        {request === undefined ? null : (
          <Link href={`/runs/${request.requestId}`} aria-label={`Its request, of entry ${entry.seq}`}>
            Its request
          </Link>
        )}
        {entry.kind === "alert.opened" && entry.incident !== undefined && entry.incident !== here ? (
          <Link href={`/alerts/${encodeURIComponent(entry.incident)}`} aria-label={`The alert of entry ${entry.seq}`}>
            The alert
          </Link>
        ) : null}
      </span>
    </li>
  );
}

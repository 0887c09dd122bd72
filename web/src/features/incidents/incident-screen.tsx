/** One incident from its first entry to its last: what was done, by whom and why, in order. */
import type { Entry } from "@holdfast/actions/domain";
import { Link } from "wouter";
import { CopyButton } from "../../components/copy-button.tsx";
import { Instant } from "../../components/instant.tsx";
import { Empty, Failure, Loading } from "../../components/notice.tsx";
import { Page } from "../../components/page.tsx";
import { Section } from "../../components/section.tsx";
import { WorkSummary } from "../../components/work-summary.tsx";
import { readData } from "../../lib/entry-data.ts";
import { useSystem } from "../../lib/system.tsx";
import { visibleText } from "../../lib/visible-text.ts";
import styles from "./incident.module.css";

export function IncidentScreen({ id }: { readonly id: string }) {
  const { ledger, work, refresh } = useSystem();
  const title = visibleText(`Incident ${id}`);
  const reading = ledger.value;
  if (reading === undefined) {
    return (
      <Page title={title}>
        {ledger.error === null ? (
          <Loading what="the ledger" />
        ) : (
          <Failure what="The ledger cannot be read" error={ledger.error} onRetry={refresh} />
        )}
      </Page>
    );
  }
  const entries = reading.verdict.entries.filter((entry) => entry.incident === id);
  const requests = work.filter((view) => view.incident === id).toReversed();
  return (
    <Page title={title} actions={<CopyButton text={id} label="Copy the incident's id" />}>
      {entries.length === 0 ? (
        <Empty title="The ledger knows no such incident">
          <p>Work joins an incident by carrying its id. Write the id into the field Incident of a snapshot, a restore or a removal.</p>
        </Empty>
      ) : (
        <>
          {reading.verdict.ok ? null : <p>The ledger is broken: only entries before the break are proven, and only those are shown.</p>}
          <Section title={`Work (${requests.length})`}>
            <ul aria-label="Work of this incident">
              {requests.map((view) => (
                <WorkSummary key={view.requestId} view={view} />
              ))}
            </ul>
          </Section>
          <Section title={`Entries, oldest first (${entries.length})`}>
            <ol className={styles.entries} aria-label="Entries of this incident">
              {entries.map((entry) => (
                <EntryLine key={entry.seq} entry={entry} />
              ))}
            </ol>
          </Section>
        </>
      )}
    </Page>
  );
}

function EntryLine({ entry }: { readonly entry: Entry }) {
  const { requestId, problem } = readData(entry);
  return (
    <li className={styles.entry}>
      <Instant at={new Date(entry.at)} />
      <span>
        #{entry.seq} <strong>{entry.kind}</strong> by {visibleText(entry.actor)}
        {entry.reason === "" ? null : `: ${visibleText(entry.reason)}`}
        {problem === undefined ? null : ` (${visibleText(problem)})`}
      </span>
      {requestId === undefined ? null : (
        <Link href={`/runs/${requestId}`} aria-label={`Its request, of entry ${entry.seq}`}>
          Its request
        </Link>
      )}
    </li>
  );
}

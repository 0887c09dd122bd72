/** One incident from its first entry to its last: the alert that opened it, what was done, by whom and why, in order. */
import { AlertSummary } from "../../components/alert-summary.tsx";
import { CopyButton } from "../../components/copy-button.tsx";
import { InsteadOfRestore } from "../../components/instead-of-restore.tsx";
import { LinkButton } from "../../components/link-button.tsx";
import { Empty, Failure, Loading } from "../../components/notice.tsx";
import { Page } from "../../components/page.tsx";
import { Section } from "../../components/section.tsx";
import { EntryLine, TimeLine } from "../../components/time-line.tsx";
import { WorkSummary } from "../../components/work-summary.tsx";
import { useSystem } from "../../lib/system.tsx";
import { useAlerts } from "../../lib/use-alerts.ts";
import { visibleText } from "../../lib/visible-text.ts";
import { TimeLeft } from "./time-left.tsx";

export function IncidentScreen({ id }: { readonly id: string }) {
  const { inventory, ledger, work, refresh } = useSystem();
  const alert = useAlerts()?.alerts.find((view) => view.alert.id === id);
  const cluster = inventory.value?.clusters.find((view) => view.id === alert?.alert.cluster);
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
    <Page
      title={title}
      actions={
        <>
          <CopyButton text={id} label="Copy the incident's id" />
          <LinkButton to={`/incidents/${encodeURIComponent(id)}/rewind`}>Rewind the damaged rows…</LinkButton>
          <LinkButton to={`/incidents/${encodeURIComponent(id)}/recover`}>Restore for it…</LinkButton>
        </>
      }
    >
      {entries.length === 0 ? (
        <Empty title="The ledger knows no such incident">
          <p>
            An alert opens an incident under its own id; work joins it by carrying that id. Write it into the field Incident of a snapshot,
            a restore or a removal.
          </p>
        </Empty>
      ) : (
        <>
          {reading.verdict.ok ? null : <p>The ledger is broken: only entries before the break are proven, and only those are shown.</p>}
          <InsteadOfRestore incident={id} />
          {alert === undefined || cluster === undefined ? null : <TimeLeft view={cluster} damage={new Date(alert.alert.firstEventAt)} />}
          {alert === undefined ? null : (
            <Section title="The alert that opened it">
              <ul>
                <AlertSummary view={alert} />
              </ul>
            </Section>
          )}
          <Section title={`Work (${requests.length})`}>
            {requests.length === 0 ? (
              <p>Nothing was done for it yet.</p>
            ) : (
              <ul aria-label="Work of this incident">
                {requests.map((view) => (
                  <WorkSummary key={view.requestId} view={view} />
                ))}
              </ul>
            )}
          </Section>
          <Section title={`Entries, oldest first (${entries.length})`}>
            <TimeLine label="Entries of this incident">
              {entries.map((entry) => (
                <EntryLine key={entry.seq} entry={entry} />
              ))}
            </TimeLine>
          </Section>
        </>
      )}
    </Page>
  );
}

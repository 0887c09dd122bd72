/** Once a migration may have changed something: how it can be taken back, later too, and what each way loses. */
import { type Entry, planIn, rehearsalIn, type StandingMigration, standingMigrations, takenBackWith } from "@holdfast/actions/domain";
import { Instant } from "../../components/instant.tsx";
import { LinkButton } from "../../components/link-button.tsx";
import { Section } from "../../components/section.tsx";
import { readData } from "../../lib/entry-data.ts";
import { useCluster, useSystem } from "../../lib/system.tsx";
import { visibleText } from "../../lib/visible-text.ts";
import { isActive, type WorkView } from "../../lib/work.ts";
import { AskUndo } from "./ask-migration.tsx";
import styles from "./migrations.module.css";

export function WayBack({ view }: { readonly view: WorkView }) {
  const { ledger, config } = useSystem();
  const prepared = view.entries.find((entry) => entry.kind === "migration.prepared");
  if (prepared === undefined || view.cluster === null) return null;
  const entries = ledger.value?.verdict.entries ?? [];
  const { snapshot } = readData(prepared);
  const second = secondOf(prepared);
  return (
    <Section title="The way back" boxed>
      {config.value?.clusters.find(({ id }) => id === view.cluster)?.migrations?.tool === "sql" ? (
        <ByFiles view={view} cluster={view.cluster} entries={entries} />
      ) : null}
      <p>
        A snapshot was taken before it began
        {second === null ? null : (
          <>
            , and the second before it is <Instant at={second} />
          </>
        )}
        . A restore of it goes to a new cluster, and everything that was written since is in the live one only. A rewind brings rows back as
        they were, and keeps what was written to others since.
      </p>
      <div className={styles.actions}>
        <RewindLink view={view} entries={entries} second={second} />
        {second === null ? null : (
          <LinkButton to={`/recover/at/${encodeURIComponent(second.toISOString())}`}>Restore the second before…</LinkButton>
        )}
        {snapshot === undefined ? null : (
          <LinkButton to={`/recover/${encodeURIComponent(snapshot)}`}>Restore the snapshot before…</LinkButton>
        )}
      </div>
    </Section>
  );
}

function secondOf({ data: { second } }: Entry): Date | null {
  const at = typeof second === "string" ? new Date(second) : null;
  return at === null || Number.isNaN(at.getTime()) ? null : at;
}

interface PartProps {
  readonly view: WorkView;
  readonly entries: readonly Entry[];
}

/** By the files that lie beside the migrations. Whoever approves sees what would be lost, counted on the data of that moment. */
function ByFiles({ view, cluster, entries }: PartProps & { readonly cluster: string }) {
  const { cluster: configured } = useCluster();
  const tool = configured?.id === cluster ? configured.migrations?.tool : undefined;
  if (tool !== undefined && tool !== "sql")
    return <p>{`What ${tool} wrote is not taken back by files: restore, rewind, or write a new migration that undoes it.`}</p>;
  if (planIn(entries, view.requestId)?.undo !== undefined) return <p>What was taken back is pending again.</p>;
  // While it is at work, another request beside it would not be sent.
  if (isActive(view)) return null;
  const back = takenBackWith(standingMigrations(entries, cluster), view.requestId);
  if (back === null)
    return view.state === "completed" ? <p>It was taken back since, and is pending again unless its file is gone.</p> : null;
  const gone = back.gone.toReversed();
  const without = gone.filter(({ wayBack }) => wayBack === false);
  return (
    <>
      {without.length === 0 ? null : (
        <p>{`When ${names(without)} was planned, no file that leads back lay beside it; one may have been added since.`}</p>
      )}
      {gone.length === 1 ? null : <p>{`Newest first, ${names(gone)} would be taken back.`}</p>}
      <div className={styles.actions}>
        <AskUndo cluster={cluster} from={back.from} gone={gone.map(({ file }) => file)} />
      </div>
    </>
  );
}

function names(migrations: readonly StandingMigration[]): string {
  return visibleText(migrations.map(({ file }) => file).join(", "));
}

/** Of the tables whose rows it changed, where it changed any; between the second before it and its end. */
function RewindLink({ view, entries, second }: PartProps & { readonly second: Date | null }) {
  const last = view.entries.findLast((entry) => entry.kind === "migration.applied");
  const changed = rehearsalIn(entries, view.requestId)?.ran.flatMap(({ changes }) => changes.map(({ table }) => table)) ?? [];
  if (second === null || last === undefined || changed.length === 0) return null;
  const path = [second.toISOString(), new Date(last.at).toISOString(), [...new Set(changed)].join(",")].map(encodeURIComponent).join("/");
  return <LinkButton to={`/rewind/between/${path}`}>Rewind the rows that it changed…</LinkButton>;
}

/** The record, newest first, and what this browser itself found when it checked the chain. */
import { type Entry, formatSegment } from "@holdfast/actions/domain";
import { useDeferredValue, useMemo, useState } from "react";
import { Button } from "../../components/button.tsx";
import { Field } from "../../components/field.tsx";
import { Empty, Failure, Loading } from "../../components/notice.tsx";
import { Page } from "../../components/page.tsx";
import { Section } from "../../components/section.tsx";
import { counted } from "../../lib/counted.ts";
import { useSystem } from "../../lib/system.tsx";
import { EntryRow } from "./entry-row.tsx";
import { filterEntries } from "./filter-entries.ts";
import styles from "./ledger.module.css";
import { VerdictNotice } from "./verdict-notice.tsx";

// A few screens at a time: thousands of rows at once would make every key stroke slow.
const PAGE = 100;

export function LedgerScreen() {
  const { ledger, refresh } = useSystem();
  const reading = ledger.value;
  if (reading === undefined) {
    return (
      <Page title="Ledger">
        {ledger.error === null ? (
          <Loading what="the ledger and checking its chain" />
        ) : (
          <Failure what="The ledger cannot be read" error={ledger.error} onRetry={refresh} />
        )}
      </Page>
    );
  }
  const { entries } = reading.verdict;
  return (
    <Page
      title="Ledger"
      actions={
        <Button onClick={() => download(entries)} blocked={entries.length === 0 ? "There is nothing to export." : null}>
          Export JSONL
        </Button>
      }
    >
      <VerdictNotice reading={reading} />
      {entries.length === 0 ? (
        <Empty title="The ledger is empty">
          <p>Everything that Holdfast does will be recorded here. The first snapshot writes the first entries.</p>
        </Empty>
      ) : (
        <Entries entries={entries} />
      )}
    </Page>
  );
}

function Entries({ entries }: { readonly entries: readonly Entry[] }) {
  const [filter, setFilter] = useState("");
  const [shown, setShown] = useState(PAGE);
  // Typing goes before drawing the rows it finds.
  const wanted = useDeferredValue(filter);
  const found = useMemo(() => filterEntries(entries, wanted), [entries, wanted]);
  return (
    <Section title="Entries, newest first">
      <div className={styles.filter}>
        <Field
          label="Filter"
          type="search"
          placeholder="restore, alice, app-prod, #128…"
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
        />
        <p>{filter.trim() === "" ? counted(entries.length, "entry") : `${found.length} of ${counted(entries.length, "entry")}`}</p>
      </div>
      {found.length === 0 ? <p>No entry fits this filter.</p> : null}
      <ol className={styles.entries} aria-label="Ledger entries">
        {found.slice(0, shown).map((entry) => (
          <EntryRow key={entry.seq} entry={entry} />
        ))}
      </ol>
      {found.length > shown ? (
        <div>
          <Button onClick={() => setShown(shown + PAGE)}>Show {Math.min(PAGE, found.length - shown)} older</Button>
        </div>
      ) : null}
    </Section>
  );
}

function download(entries: readonly Entry[]) {
  const url = URL.createObjectURL(new Blob([formatSegment(entries)], { type: "application/jsonl" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = "holdfast-ledger.jsonl";
  link.click();
  URL.revokeObjectURL(url);
}

import { Facts } from "../../components/facts.tsx";
import { Instant } from "../../components/instant.tsx";
import { Failure, Loading } from "../../components/notice.tsx";
import { Section } from "../../components/section.tsx";
import { useSystem } from "../../lib/system.tsx";
import styles from "./overview.module.css";

/** Can the picture be trusted? What was verified here, and how old each source is. */
export function RecordCard() {
  const { ledger, inventory, refresh } = useSystem();
  const verdict = ledger.value?.verdict;
  const quota = inventory.value?.quota ?? null;
  return (
    <Section title="Is the record sound?" boxed>
      {verdict === undefined ? (
        ledger.error === null ? (
          <Loading what="the ledger" />
        ) : (
          <Failure what="The ledger cannot be read" error={ledger.error} onRetry={refresh} />
        )
      ) : (
        <p className={styles.figure}>
          <span className={styles.number}>{!verdict.ok ? "broken" : verdict.head.seq === 0 ? "empty" : `#${verdict.head.seq}`}</span>
          {!verdict.ok
            ? ` after #${verdict.head.seq}`
            : verdict.head.seq === 0
              ? ", nothing was recorded yet"
              : " verified in this browser"}
        </p>
      )}
      <Facts
        facts={[
          { name: "Ledger read", value: ledger.readAt === null ? "not yet" : <Instant at={ledger.readAt} relative /> },
          {
            name: "AWS asked",
            value:
              inventory.value === undefined || inventory.value === null ? (
                "not yet"
              ) : (
                <Instant at={new Date(inventory.value.at)} relative />
              ),
          },
          ...(quota === null ? [] : [{ name: "Quota", value: `${quota.used} of ${quota.max} snapshots` }]),
        ]}
      />
    </Section>
  );
}

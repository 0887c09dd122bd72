/** Everything needed to judge one request on one screen: statements with verdicts, rows at risk, what the rehearsal did, the circumstances, the way back. */
import { planIn, type RecordedPlan, rehearsalIn } from "@holdfast/actions/domain";
import { Facts } from "../../components/facts.tsx";
import { Instant } from "../../components/instant.tsx";
import { LinkButton } from "../../components/link-button.tsx";
import { Notice } from "../../components/notice.tsx";
import { Section } from "../../components/section.tsx";
import { readData } from "../../lib/entry-data.ts";
import { useCluster, useSystem } from "../../lib/system.tsx";
import { visibleText } from "../../lib/visible-text.ts";
import type { WorkView } from "../../lib/work.ts";
import { Circumstances } from "./circumstances.tsx";
import styles from "./migrations.module.css";
import { RehearsalTable } from "./rehearsal-table.tsx";
import { StatementList } from "./statement-list.tsx";

export function MigrationDetails({ view }: { readonly view: WorkView }) {
  const { ledger } = useSystem();
  const { cluster } = useCluster();
  const entries = ledger.value?.verdict.entries ?? [];
  const plan = planIn(entries, view.requestId);
  const rehearsal = rehearsalIn(entries, view.requestId);
  if (plan === null) return null;
  if (plan.migrations.length === 0) return <Notice kind="info" title="Nothing is pending: the database has every migration there is" />;
  const failed = entries.find((entry) => entry.kind === "rehearsal.failed" && entry.data.migration === view.requestId);
  return (
    <>
      <WayBack view={view} />
      <Section title={`Statements: ${plan.verdict.replaceAll("-", " ")}`}>
        <StatementList migrations={plan.migrations} />
      </Section>
      <Section title="Rehearsal on a scratch restore of the live data">
        {rehearsal === null ? (
          <p>{failed === undefined ? "Not over yet." : visibleText(readData(failed).problem ?? "It failed.")}</p>
        ) : (
          <RehearsalTable rehearsal={rehearsal} />
        )}
      </Section>
      <Section title="Circumstances">
        {cluster === null ? null : <Circumstances cluster={cluster} />}
        <Facts facts={factsOf(plan, rehearsal?.digest ?? null)} />
      </Section>
    </>
  );
}

function factsOf(plan: RecordedPlan, digest: string | null) {
  return [
    { name: "Written by", value: visibleText(plan.authors.join(", ")) },
    { name: "Commit", value: <code>{plan.commit}</code> },
    { name: "Digest of the plan", value: <code>{plan.digest}</code> },
    ...(digest === null ? [] : [{ name: "Digest of plan and rehearsal", value: <code>{digest}</code> }]),
  ];
}

/** Once it may have changed something: where it can be gone back to, one confirmation away. */
function WayBack({ view }: { readonly view: WorkView }) {
  const prepared = view.entries.find((entry) => entry.kind === "migration.prepared");
  if (prepared === undefined) return null;
  const { snapshot } = readData(prepared);
  const { second } = prepared.data;
  const at = typeof second === "string" ? new Date(second) : null;
  return (
    <Section title="The way back" boxed>
      <p>
        A snapshot was taken before it began
        {at === null || Number.isNaN(at.getTime()) ? null : (
          <>
            , and the second before it is <Instant at={at} />
          </>
        )}
        . Going back restores to a new cluster; what was written since is in the live one only.
      </p>
      <div className={styles.actions}>
        {typeof second === "string" ? (
          <LinkButton to={`/recover/at/${encodeURIComponent(second)}`}>Restore the second before…</LinkButton>
        ) : null}
        {snapshot === undefined ? null : (
          <LinkButton to={`/recover/${encodeURIComponent(snapshot)}`}>Restore the snapshot before…</LinkButton>
        )}
      </div>
    </Section>
  );
}

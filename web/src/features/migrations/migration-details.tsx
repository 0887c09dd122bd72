/** Everything needed to judge one request on one screen: statements with verdicts, rows at risk, what the rehearsal did, the circumstances, the way back. */
import { planIn, type RecordedPlan, rehearsalIn } from "@holdfast/actions/domain";
import { Facts } from "../../components/facts.tsx";
import { Notice } from "../../components/notice.tsx";
import { Section } from "../../components/section.tsx";
import { readData } from "../../lib/entry-data.ts";
import { useCluster, useSystem } from "../../lib/system.tsx";
import { visibleText } from "../../lib/visible-text.ts";
import type { WorkView } from "../../lib/work.ts";
import { ApproveByDispatch } from "./approve-by-dispatch.tsx";
import { Circumstances } from "./circumstances.tsx";
import { LostByUndo } from "./lost-by-undo.tsx";
import { RehearsalTable } from "./rehearsal-table.tsx";
import { StatementList } from "./statement-list.tsx";
import { WayBack } from "./way-back.tsx";

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
      {rehearsal === null ? null : <ApproveByDispatch view={view} plan={plan} rehearsal={rehearsal} />}
      <WayBack view={view} />
      <LostByUndo plan={plan} rehearsal={rehearsal} />
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
    ...(plan.tool === undefined ? [] : [{ name: "SQL written by", value: visibleText(plan.tool) }]),
    { name: "Digest of the plan", value: <code>{plan.digest}</code> },
    ...(digest === null ? [] : [{ name: "Digest of plan and rehearsal", value: <code>{digest}</code> }]),
  ];
}

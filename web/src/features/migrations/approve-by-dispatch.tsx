/** Where `holdfast.yml` asks for it, each approval of a migration is a run of respond.yml that somebody else starts: who did so already, and the way to do it. */
import { mayApprove, type RecordedPlan, type Rehearsal } from "@holdfast/actions/domain";
import { useState } from "react";
import { Button } from "../../components/button.tsx";
import { ReasonField } from "../../components/confirm-fields.tsx";
import { Section } from "../../components/section.tsx";
import { SendingNotice } from "../../components/sending-notice.tsx";
import { useSystem } from "../../lib/system.tsx";
import { useAnswer } from "../../lib/use-answer.ts";
import { visibleText } from "../../lib/visible-text.ts";
import type { WorkView } from "../../lib/work.ts";
import styles from "./migrations.module.css";

interface ApproveProps {
  readonly view: WorkView;
  readonly plan: RecordedPlan;
  readonly rehearsal: Rehearsal;
}

export function ApproveByDispatch({ view, plan, rehearsal }: ApproveProps) {
  const { config, ledger } = useSystem();
  const approvals = config.value?.approvals;
  if (approvals?.migrations !== "dispatch" || view.state === "completed") return null;
  const given = (ledger.value?.verdict.entries ?? []).flatMap(({ kind, actor, data }) =>
    kind === "request.approved" && data.digest === rehearsal.digest ? [visibleText(actor)] : [],
  );
  const required = Math.max(1, approvals.required);
  return (
    <Section title="Approvals" boxed>
      <p>
        {required} must approve, by a run of their own or by letting the waiting job in; each counts for {approvals.validFor}. Approved by:{" "}
        {given.length === 0 ? "nobody yet" : given.join(", ")}. Once there are enough, {visibleText(view.run?.actor ?? view.actor)} re-runs
        the failed job at GitHub, which counts them there.
      </p>
      <ApproveForm view={view} plan={plan} digest={rehearsal.digest} />
    </Section>
  );
}

function ApproveForm({ view, plan, digest }: Omit<ApproveProps, "rehearsal"> & { readonly digest: string }) {
  const { config, session } = useSystem();
  const [reason, setReason] = useState("");
  const draft = { action: "approve", subject: digest, reason } as const;
  const request = useAnswer(`Approve the migration of ${plan.cluster}`, draft, () => {});
  const approvals = config.value?.approvals;
  const { login } = session.check;
  const counts =
    approvals === undefined || mayApprove(login, { requesters: [view.run?.actor ?? view.actor], authors: plan.authors, approvals });
  return (
    <form className={styles.approval} onSubmit={request.submit} noValidate>
      <ReasonField value={reason} onChange={setReason} problem={request.problem("reason")} tried={request.tried} />
      <SendingNotice sending={request.sending} onAgain={request.start} />
      <div>
        <Button
          type="submit"
          tone="primary"
          blocked={
            request.blocked ?? (counts ? null : `${login} asked for it, wrote it, or is no approver: somebody else has to approve it.`)
          }
        >
          Approve what was rehearsed
        </Button>
      </div>
    </form>
  );
}

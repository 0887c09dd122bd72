import { REASON_LIMITS } from "@holdfast/actions/domain";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useRef, useState } from "react";
import { Button } from "../../components/button.tsx";
import { Field } from "../../components/field.tsx";
import { Failure } from "../../components/notice.tsx";
import { workTitle } from "../../components/work-summary.tsx";
import { announce, announceAlert } from "../../lib/announce.ts";
import { explain } from "../../lib/api-failure.ts";
import type { Decision } from "../../lib/github.ts";
import { useSystem } from "../../lib/system.tsx";
import type { WorkView } from "../../lib/work.ts";
import styles from "./approvals.module.css";

interface DecisionFormProps {
  readonly view: WorkView;
  readonly environmentIds: readonly number[];
}

type Sending = { readonly kind: "idle" | "sending" | "sent" } | { readonly kind: "failed"; readonly error: unknown };

export function DecisionForm({ view, environmentIds }: DecisionFormProps) {
  const { session, refresh } = useSystem();
  const queries = useQueryClient();
  const [comment, setComment] = useState("");
  const [sending, setSending] = useState<Sending>({ kind: "idle" });
  // Between a click and the next drawing there may be a second click.
  const busy = useRef(false);
  const short = comment.trim().length < REASON_LIMITS.min;
  const blocked =
    sending.kind === "sending" || sending.kind === "sent"
      ? "Already sent."
      : short
        ? `First say why, in at least ${REASON_LIMITS.min} characters.`
        : null;

  const decide = async (decision: Decision) => {
    const runId = view.run?.id;
    if (busy.current || runId === undefined) return;
    busy.current = true;
    setSending({ kind: "sending" });
    try {
      await session.github.decide(runId, environmentIds, decision, comment.trim());
      setSending({ kind: "sent" });
      announce(`${decision === "approved" ? "Approved" : "Rejected"}: ${workTitle(view)}.`);
    } catch (error) {
      busy.current = false;
      setSending({ kind: "failed", error });
      announceAlert(explain(error).meaning);
    }
    // Whatever came of it, what stands now is what GitHub says.
    await queries.invalidateQueries({ queryKey: ["pending-reviews", runId] });
    refresh();
  };
  const submit = (event: FormEvent) => event.preventDefault();

  return (
    <form className={styles.form} onSubmit={submit}>
      <Field
        label="Comment"
        required
        value={comment}
        onChange={(event) => setComment(event.target.value)}
        hint="Why you decide so; it stays in the run's review history."
      />
      {sending.kind === "failed" ? <Failure what="Nothing was decided by you" error={sending.error} /> : null}
      <div className={styles.actions}>
        <Button tone="primary" blocked={blocked} onClick={() => void decide("approved")}>
          Approve
        </Button>
        <Button blocked={blocked} onClick={() => void decide("rejected")}>
          Reject
        </Button>
      </div>
    </form>
  );
}

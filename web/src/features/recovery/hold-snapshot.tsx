/** Keeping a snapshot whatever the rules say, ending that, or giving one that stays for its own sake to the rules: with a reason, under one's name. */
import type { HoldAction, SnapshotView } from "@holdfast/actions/domain";
import { useState } from "react";
import { IncidentField, ReasonField } from "../../components/confirm-fields.tsx";
import { DialogForm } from "../../components/dialog-form.tsx";
import { Facts } from "../../components/facts.tsx";
import { RequestDialog } from "../../components/request-dialog.tsx";
import { checkHold } from "../../lib/hold-draft.ts";
import { useRequest } from "../../lib/use-request.ts";

const WORDS: Readonly<Record<HoldAction, { readonly verb: string; readonly effect: string; readonly undo: string }>> = {
  hold: { verb: "Hold", effect: "No rule deletes it until a person releases it, and AWS refuses its deletion.", undo: "Release it." },
  release: { verb: "Release", effect: "The rules of retention say again how long it stays.", undo: "Hold it again." },
  "let-go": {
    verb: "Let go of",
    effect: "Nothing keeps it for its own sake any more: its deletion is announced, and done a day later at the earliest.",
    undo: "Hold it before it is deleted.",
  },
};

/** What can be said of it now; nothing of snapshots that Holdfast never deletes. */
export function HoldSnapshot({ snapshot }: { readonly snapshot: SnapshotView }) {
  if (!snapshot.managed || snapshot.automated || snapshot.takenAt === null) return null;
  const forItsOwnSake = snapshot.trigger === "manual" || snapshot.trigger === "pre-restore";
  const actions: readonly HoldAction[] = snapshot.held ? ["release"] : forItsOwnSake && !snapshot.letGo ? ["hold", "let-go"] : ["hold"];
  return actions.map((action) => {
    const name = `${WORDS[action].verb} ${snapshot.id}`;
    return (
      <RequestDialog key={action} name={`${WORDS[action].verb}…`} label={`${name}…`} title={name}>
        {() => <HoldForm snapshot={snapshot} action={action} />}
      </RequestDialog>
    );
  });
}

interface HoldProps {
  readonly snapshot: SnapshotView;
  readonly action: HoldAction;
}

function HoldForm({ snapshot: { id, cluster }, action }: HoldProps) {
  const [requestId] = useState(() => crypto.randomUUID());
  const [reason, setReason] = useState("");
  const [incident, setIncident] = useState("");
  const { verb, effect, undo } = WORDS[action];
  const title = `${verb} ${id}`;
  const checked = checkHold({ cluster, snapshot: id, action, reason, incident, requestId });
  const request = useRequest({ title, work: "hold", lane: id, requestId, checked });
  const { problem, tried } = request;
  return (
    <DialogForm request={request} action={title}>
      <Facts
        facts={[
          { name: "Will happen", value: effect },
          { name: "How to undo", value: undo },
        ]}
      />
      <ReasonField value={reason} onChange={setReason} problem={problem("reason")} tried={tried} />
      <IncidentField value={incident} onChange={setIncident} problem={problem("incident")} />
    </DialogForm>
  );
}

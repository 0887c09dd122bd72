import { Dialog } from "@base-ui/react/dialog";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../../components/button.tsx";
import { CopyButton } from "../../components/copy-button.tsx";
import { StateIcon } from "../../components/icons.tsx";
import { Instant } from "../../components/instant.tsx";
import { Modal } from "../../components/modal.tsx";
import type { LedgerReading } from "../../lib/read-ledger.ts";
import { forgetHead, readRememberedHead } from "../../lib/remembered-head.ts";
import { useSystem } from "../../lib/system.tsx";
import styles from "./ledger.module.css";

/** What the check in this browser found: the proof, or the exact place where it ends. */
export function VerdictNotice({ reading }: { readonly reading: LedgerReading }) {
  const { deployment, ledger } = useSystem();
  const { verdict } = reading;
  const remembered = readRememberedHead(deployment);
  if (!verdict.ok) {
    const { path, line, problem } = verdict.broken;
    return (
      <div className={styles.verdict} data-ok="no">
        <p className={styles.found}>
          <StateIcon state="blocked" />
          <span>
            The chain is broken{line === 0 ? "" : ` at line ${line}`} of <code>{path}</code>
          </span>
        </p>
        <p>
          {problem.charAt(0).toUpperCase()}
          {problem.slice(1)}.
        </p>
        <p>
          {verdict.head.seq === 0 ? "No entry is proven." : `Entries up to #${verdict.head.seq} are proven; nothing after them is shown.`}{" "}
          Compare the branch with the head that a job summary or a notice names.
        </p>
        {remembered === undefined ? null : (
          <>
            <p>
              This browser remembers entry #{remembered.seq} (hash <code>{remembered.hash.slice(0, 12)}…</code>), seen{" "}
              <Instant at={new Date(remembered.seenAt)} relative />.
            </p>
            <ForgetHead />
          </>
        )}
      </div>
    );
  }
  if (verdict.head.seq === 0) return null;
  return (
    <div className={styles.verdict} data-ok="yes">
      <p className={styles.found}>
        <StateIcon state="normal" />
        <span>
          Chain verified in this browser: entries #1 to #{verdict.head.seq} in {reading.segments} segments
        </span>
      </p>
      <p className={styles.head}>
        Head <code>{verdict.head.hash.slice(0, 16)}…</code>
        <CopyButton text={verdict.head.hash} label="Copy the head's hash" iconOnly />
        {ledger.readAt === null ? null : (
          <>
            looked at <Instant at={ledger.readAt} relative />
          </>
        )}
      </p>
    </div>
  );
}

/** For a ledger that was set up anew on purpose: otherwise the alarm would never end. */
function ForgetHead() {
  const { deployment } = useSystem();
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  const forget = () => {
    forgetHead(deployment);
    setOpen(false);
    void queries.invalidateQueries({ queryKey: ["ledger"] });
  };
  return (
    <Modal
      title="Forget the remembered head?"
      open={open}
      onOpenChange={setOpen}
      trigger={<Dialog.Trigger render={<Button>Forget what this browser remembers</Button>} />}
    >
      <p>
        Only do this when the ledger was set up anew on purpose. The alarm ends, and this browser can no longer show that entries it saw
        before were removed.
      </p>
      <div className={styles.actions}>
        <Dialog.Close render={<Button>Keep the alarm</Button>} />
        <Button tone="primary" onClick={forget}>
          Forget the head
        </Button>
      </div>
    </Modal>
  );
}

import type { ReasonCode, SystemState } from "@holdfast/actions/domain";
import { Link } from "wouter";
import { StateIcon } from "../../components/icons.tsx";
import { stateWord } from "../../components/state-badge.tsx";
import styles from "./overview.module.css";

const PLACES: Readonly<Record<ReasonCode, { readonly to: string; readonly name: string } | null>> = {
  "no-recovery-point": { to: "/recovery", name: "Recovery" },
  "recovery-point-old": { to: "/recovery", name: "Recovery" },
  "ledger-broken": { to: "/ledger", name: "Ledger" },
  "ledger-unread": { to: "/token", name: "Token" },
  "inventory-unread": { to: "/token", name: "Token" },
  "inventory-old": { to: "/recovery", name: "Recovery" },
  "snapshot-failed": { to: "/ledger", name: "Ledger" },
  "restore-failed": { to: "/ledger", name: "Ledger" },
  "cluster-missing": null,
  "alert-unacknowledged": { to: "/ledger", name: "Ledger" },
  "alert-open": { to: "/ledger", name: "Ledger" },
  "override-in-force": { to: "/ledger", name: "Ledger" },
  "nobody-watches": null,
  "watch-unread": { to: "/token", name: "Token" },
  "collector-silent": null,
  "source-silent": null,
  "lines-lost": null,
  "watch-behind": null,
  "canary-missing": { to: "/ledger", name: "Ledger" },
  "notices-failed": { to: "/ledger", name: "Ledger" },
  "scheduler-late": { to: "/recovery", name: "Recovery" },
};

/** Every reason, each with what to do about it. */
export function ReasonList({ state }: { readonly state: SystemState }) {
  if (state.reasons.length === 0) return null;
  return (
    <ul className={styles.reasons} aria-label="Reasons">
      {state.reasons.map((reason) => {
        const place = PLACES[reason.code];
        return (
          <li key={`${reason.code} ${reason.sentence}`} className={styles.reason} data-state={reason.state}>
            <StateIcon state={reason.state} />
            <div>
              <p>
                <strong>{stateWord(reason.state)}.</strong> {reason.sentence}
              </p>
              <p className={styles.next}>
                {reason.next} {place === null ? null : <Link href={place.to}>Open {place.name}</Link>}
              </p>
            </div>
          </li>
        );
      })}
    </ul>
  );
}

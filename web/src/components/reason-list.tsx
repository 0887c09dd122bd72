import type { ReasonCode, StateReason } from "@holdfast/actions/domain";
import { Link } from "wouter";
import { visibleText } from "../lib/visible-text.ts";
import { StateIcon } from "./icons.tsx";
import styles from "./reason-list.module.css";
import { stateWord } from "./state-badge.tsx";

const PLACES: Readonly<Record<ReasonCode, { readonly to: string; readonly name: string } | null>> = {
  "no-recovery-point": { to: "/recovery", name: "Recovery" },
  "recovery-point-old": { to: "/recovery", name: "Recovery" },
  "ledger-broken": { to: "/ledger", name: "Ledger" },
  "ledger-unread": { to: "/token", name: "Token" },
  "inventory-unread": { to: "/token", name: "Token" },
  "inventory-old": { to: "/recovery", name: "Recovery" },
  "snapshot-failed": { to: "/ledger", name: "Ledger" },
  "restore-failed": { to: "/ledger", name: "Ledger" },
  "drill-failed": { to: "/ledger", name: "Ledger" },
  "migration-failed": { to: "/migrations", name: "Migrations" },
  "cut-over-under-way": { to: "/recovery", name: "Recovery" },
  "cut-over-failed": { to: "/ledger", name: "Ledger" },
  "cut-over-stopped": { to: "/recovery", name: "Recovery" },
  "cluster-missing": null,
  "alert-unacknowledged": { to: "/alerts", name: "Alerts" },
  "alert-open": { to: "/alerts", name: "Alerts" },
  "override-in-force": { to: "/alerts", name: "Alerts" },
  "nobody-watches": { to: "/alerts", name: "Alerts" },
  "watch-unread": { to: "/token", name: "Token" },
  "collector-silent": { to: "/alerts", name: "Alerts" },
  "source-silent": { to: "/alerts", name: "Alerts" },
  "lines-lost": { to: "/alerts", name: "Alerts" },
  "watch-behind": { to: "/alerts", name: "Alerts" },
  "canary-missing": { to: "/ledger", name: "Ledger" },
  "notices-failed": { to: "/ledger", name: "Ledger" },
  "scheduler-late": { to: "/recovery", name: "Recovery" },
};

interface ReasonListProps {
  readonly label: string;
  readonly reasons: readonly StateReason[];
  /** Without the way to another screen, where the list stands on that screen itself. */
  readonly here?: boolean;
}

/** Every reason, each with what to do about it. */
export function ReasonList({ label, reasons, here = false }: ReasonListProps) {
  if (reasons.length === 0) return null;
  return (
    <ul className={styles.reasons} aria-label={label}>
      {reasons.map((reason) => {
        const place = here ? null : PLACES[reason.code];
        return (
          <li key={`${reason.code} ${reason.sentence}`} className={styles.reason} data-state={reason.state}>
            <StateIcon state={reason.state} />
            <div>
              <p>
                <strong>{stateWord(reason.state)}.</strong> {visibleText(reason.sentence)}
              </p>
              <p className={styles.next}>
                {visibleText(reason.next)} {place === null ? null : <Link href={place.to}>Open {place.name}</Link>}
              </p>
            </div>
          </li>
        );
      })}
    </ul>
  );
}

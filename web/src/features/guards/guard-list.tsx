import type { Guard, SeenProtection } from "@holdfast/actions/domain";
import { Button } from "../../components/button.tsx";
import { Instant } from "../../components/instant.tsx";
import { Section } from "../../components/section.tsx";
import { StatusSign } from "../../components/summary-row.tsx";
import type { GuardKind } from "../../lib/guard-draft.ts";
import { describeLimits } from "../../lib/guard-words.ts";
import { visibleText } from "../../lib/visible-text.ts";
import styles from "./guards.module.css";

interface GuardListProps {
  /** Null: no plan has looked yet. */
  readonly seen: SeenProtection | null;
  /** Writes a migration about this guard. */
  readonly onChoose: (kind: GuardKind, guard: Guard) => void;
}

export function GuardList({ seen, onChoose }: GuardListProps) {
  if (seen === null) {
    return (
      <Section title="Guarded tables">
        <p>Not known yet: every plan of pending migrations looks, also where nothing is pending.</p>
      </Section>
    );
  }
  return (
    <Section title={`Guarded tables (${seen.guards.length})`}>
      <p className={styles.soft}>
        As the newest plan or application saw them, <Instant at={seen.at} relative />.
      </p>
      {seen.guards.length === 0 ? (
        <p>None: nothing in the database refuses a mass change or a lost update.</p>
      ) : (
        <ul className={styles.list} aria-label="Guarded tables">
          {seen.guards.map((guard) => (
            <GuardRow key={`${guard.schema}.${guard.table}`} guard={guard} onChoose={onChoose} />
          ))}
        </ul>
      )}
    </Section>
  );
}

function GuardRow({ guard, onChoose }: Pick<GuardListProps, "onChoose"> & { readonly guard: Guard }) {
  const { schema, table, limits, versionColumn, broken } = guard;
  const name = visibleText(`${schema}.${table}`);
  return (
    <li className={styles.guard}>
      <code className={styles.table}>{name}</code>
      <div>
        {limits === null ? null : <p>{describeLimits(limits)}</p>}
        {versionColumn === null ? null : (
          <p>
            Refuses an update that carries a stale <code>{visibleText(versionColumn)}</code>.
          </p>
        )}
        {broken.length === 0 ? null : (
          <>
            <StatusSign shape="blocked" words="Does not hold" />
            <p>
              Missing or switched off: <code>{visibleText(broken.join(", "))}</code>
            </p>
          </>
        )}
      </div>
      <div className={styles.actions}>
        {limits === null || limits.observe ? null : (
          <Button onClick={() => onChoose("override", guard)} aria-label={`Let a change pass on ${name}`}>
            Let a change pass
          </Button>
        )}
        <Button onClick={() => onChoose("removal", guard)} aria-label={`Remove the guards of ${name}`}>
          Remove
        </Button>
      </div>
    </li>
  );
}

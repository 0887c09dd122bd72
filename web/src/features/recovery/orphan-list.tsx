import type { Orphan } from "@holdfast/actions/domain";
import { CopyButton } from "../../components/copy-button.tsx";
import { Instant } from "../../components/instant.tsx";
import { LinkButton } from "../../components/link-button.tsx";
import { Section } from "../../components/section.tsx";
import { useSystem } from "../../lib/system.tsx";
import { visibleText } from "../../lib/visible-text.ts";
import styles from "./recovery.module.css";
import { RemoveOrphan } from "./remove-orphan.tsx";

/** What was begun and never finished: it costs, and nobody waits for it. It goes only when a person says so. */
export function OrphanList({ orphans }: { readonly orphans: readonly Orphan[] }) {
  const { work } = useSystem();
  if (orphans.length === 0) return null;
  return (
    <Section title={`Left over (${orphans.length})`}>
      <p>Holdfast began to make these and never finished. Look at the request first; remove what nobody needs.</p>
      <ul className={styles.list} aria-label="Left over">
        {orphans.map((each) => (
          <OrphanRow key={`${each.resource} ${each.id}`} orphan={each} known={work.some((view) => view.requestId === each.requestId)} />
        ))}
      </ul>
    </Section>
  );
}

interface OrphanRowProps {
  readonly orphan: Orphan;
  /** Whether the page has anything to show about the request that made it. */
  readonly known: boolean;
}

function OrphanRow({ orphan, known }: OrphanRowProps) {
  return (
    <li className={styles.orphan}>
      <div className={styles.when}>
        <span>
          {orphan.resource}, {visibleText(orphan.status)}
        </span>
        {orphan.createdAt === null ? null : <Instant at={new Date(orphan.createdAt)} relative />}
      </div>
      <div className={styles.id}>
        <code>{visibleText(orphan.id)}</code>
        <CopyButton text={orphan.id} label={`Copy ${orphan.id}`} iconOnly />
      </div>
      <p className={styles.soft}>
        {visibleText(orphan.sentence)} {orphan.keep === null ? null : <strong>It stays: {visibleText(orphan.keep)}</strong>}
      </p>
      <div className={styles.orphanActions}>
        {known ? (
          <LinkButton to={`/runs/${orphan.requestId}`} label={`Its request, which made ${orphan.id}`}>
            Its request
          </LinkButton>
        ) : null}
        <RemoveOrphan orphan={orphan} />
      </div>
    </li>
  );
}

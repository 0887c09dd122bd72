import type { RestoredView } from "@holdfast/actions/domain";
import { CopyButton } from "../../components/copy-button.tsx";
import { Instant } from "../../components/instant.tsx";
import { LinkButton } from "../../components/link-button.tsx";
import { Section } from "../../components/section.tsx";
import { counted } from "../../lib/counted.ts";
import styles from "./recovery.module.css";

/** Clusters that restores have made and that still exist: each costs until somebody removes it. */
export function RestoredList({ restored }: { readonly restored: readonly RestoredView[] }) {
  if (restored.length === 0) return null;
  return (
    <Section title="Restored clusters that still exist">
      <ul className={styles.list}>
        {restored.map((each) => (
          <li key={each.id} className={styles.restored}>
            <span className={styles.id}>
              <code>{each.id}</code>
              <CopyButton text={each.id} label={`Copy ${each.id}`} iconOnly />
            </span>
            <span>
              {each.status}, {counted(each.instances, "instance")}
            </span>
            {each.createdAt === null ? <span /> : <Instant at={new Date(each.createdAt)} relative />}
            <LinkButton to={`/cut-over/${each.id}`} label={`Put it in the live one's place…: ${each.id}`}>
              Put it in the live one's place…
            </LinkButton>
          </li>
        ))}
      </ul>
    </Section>
  );
}

import { CopyButton } from "../../components/copy-button.tsx";
import { Section } from "../../components/section.tsx";
import { type checkGuard, newFileLink } from "../../lib/guard-draft.ts";
import { useSystem } from "../../lib/system.tsx";
import { visibleText } from "../../lib/visible-text.ts";
import styles from "./guards.module.css";

interface MigrationTextProps {
  readonly checked: ReturnType<typeof checkGuard>;
  readonly directory: string;
}

/** The migration's file, to be committed by whoever may; until there is one, what it lacks. */
export function MigrationText({ checked, directory }: MigrationTextProps) {
  const { deployment } = useSystem();
  if (!checked.ok) {
    return (
      <Section title="The migration" boxed>
        <ul>
          {Object.entries(checked.problems).map(([field, problem]) => (
            <li key={field}>{problem}</li>
          ))}
        </ul>
      </Section>
    );
  }
  const { file, sql } = checked;
  const link = newFileLink(directory, file, deployment);
  return (
    <Section title="The migration" boxed>
      <p>
        <code>
          {visibleText(directory)}/<wbr />
          {visibleText(file)}
        </code>
      </p>
      {/* A long text scrolls in its box, which the keyboard must reach too. */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: see above */}
      <section className={styles.sql} aria-label={`Text of ${visibleText(file)}`} tabIndex={0}>
        <pre>{sql}</pre>
      </section>
      <div className={styles.actions}>
        <CopyButton text={sql} label="Copy the migration" />
        {link === null ? null : (
          <a href={link} target="_blank" rel="noreferrer">
            New file on GitHub
          </a>
        )}
      </div>
      <p>
        Commit it to <code>main</code> by a pull request and promote it. Then <em>plan what is pending</em>: it is rehearsed on a restore of
        the live data, and applied only once somebody else agrees.
      </p>
    </Section>
  );
}

import { CopyButton } from "../../components/copy-button.tsx";
import { Section } from "../../components/section.tsx";
import { visibleText } from "../../lib/visible-text.ts";
import styles from "./alerts.module.css";

interface ExcerptProps {
  /** Newest last, redacted and shortened where they were read. */
  readonly lines: readonly string[];
  /** The number of the line that crossed the threshold, in its source. */
  readonly crossing: number;
}

/** The lines that led to it. Whoever wrote them may be the attacker: they are text here, whatever they look like. */
export function Excerpt({ lines, crossing }: ExcerptProps) {
  return (
    <Section
      title="The lines that led to it"
      {...(lines.length === 0 ? {} : { actions: <CopyButton text={lines.join("\n")} label="Copy the lines" /> })}
    >
      {lines.length === 0 ? (
        <p>No line is kept: in strict privacy mode the ledger holds counts only. The source's own log has it at line {crossing}.</p>
      ) : (
        <ol className={styles.lines} aria-label="The lines that led to it, newest last">
          {lines.map((line, index) => (
            // Lines have no identity of their own and never change places.
            // biome-ignore lint/suspicious/noArrayIndexKey: see above
            <li key={index} data-crossing={index === lines.length - 1 || undefined}>
              <code>{visibleText(line).replaceAll("\n", "\\n")}</code>
            </li>
          ))}
        </ol>
      )}
      <p className={styles.soft}>Passwords, tokens and cookies were taken out where the lines were read.</p>
    </Section>
  );
}

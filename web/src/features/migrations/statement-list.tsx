import type { RecordedMigration, RecordedStatement, StateWord, VerdictWord } from "@holdfast/actions/domain";
import { StatusSign } from "../../components/summary-row.tsx";
import { counted } from "../../lib/counted.ts";
import { visibleText } from "../../lib/visible-text.ts";
import styles from "./migrations.module.css";

const SHAPES: Readonly<Record<VerdictWord, StateWord>> = {
  "destroys-data": "blocked",
  "may-destroy-data": "blocked",
  rewrites: "degraded",
  locks: "degraded",
  style: "override",
  safe: "normal",
};

const WORDS: Readonly<Record<VerdictWord, string>> = {
  "destroys-data": "destroys data",
  "may-destroy-data": "may destroy data",
  rewrites: "rewrites a table",
  locks: "locks",
  style: "worth a look",
  safe: "safe",
};

export function StatementList({ migrations }: { readonly migrations: readonly RecordedMigration[] }) {
  return (
    <div className={styles.statements}>
      {migrations.map(({ file, statements, more, mode }) => (
        <article key={file} aria-label={visibleText(file)}>
          <h3>
            <code>{visibleText(file)}</code>
          </h3>
          <p className={styles.soft}>
            {mode === "alone"
              ? "Runs alone and outside of a transaction; what it leaves is checked, and what is half made removed."
              : "Runs in one transaction: whole, or not at all."}
          </p>
          <ul>
            {statements.map((statement) => (
              <Statement key={`${statement.line} ${statement.text}`} statement={statement} />
            ))}
          </ul>
          {more === 0 ? null : <p>{counted(more, "more statement")} in the file.</p>}
        </article>
      ))}
    </div>
  );
}

function Statement({ statement }: { readonly statement: RecordedStatement }) {
  const { line, text, verdict, findings, rows } = statement;
  return (
    <li className={styles.statement}>
      <StatusSign shape={SHAPES[verdict]} words={`line ${line}: ${WORDS[verdict]}`} />
      <code className={styles.sql}>{visibleText(text)}</code>
      {rows === null ? null : (
        <span>
          Rows at risk: about {rows.expected.toLocaleString("en")} (
          {rows.from === "explain" ? "PostgreSQL's own estimate" : "size of the table"})
        </span>
      )}
      {findings.map(({ id, message, saferWay, allowedBecause }) => (
        <span key={`${id} ${message}`}>
          {visibleText(message)}{" "}
          <span className={styles.soft}>
            {allowedBecause === undefined ? `Safer: ${visibleText(saferWay)}` : `Let pass in the file: ${visibleText(allowedBecause)}`}
          </span>
        </span>
      ))}
    </li>
  );
}

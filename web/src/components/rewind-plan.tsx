/** A rewind's plan for people to review: what would change by table and columns, what is asked, what is left alone and why. It holds no value. */
import type { RewindPlanSummary } from "@holdfast/actions/domain";
import type { ReactNode } from "react";
import { visibleText } from "../lib/visible-text.ts";
import { CopyButton } from "./copy-button.tsx";
import { Facts } from "./facts.tsx";
import { Notice } from "./notice.tsx";
import styles from "./rewind-plan.module.css";
import { Section } from "./section.tsx";

const KINDS: Readonly<Record<string, string>> = {
  "changed-since": "somebody wrote it after the damage",
  "same-value-since": "written after the damage without a change: the value may be meant",
  "unclear-writer": "the damage or somebody else may have written it",
  "unclear-deletion": "it vanished, and nothing says that the damage deleted it",
  "key-used-again": "it was deleted, and a row with its key exists again",
  "added-by-damage": "the damage made it; bringing back means removing it",
  "unique-value-taken": "another row has its unique value now",
  "parent-gone": "the row that it refers to is gone",
  "deleted-since": "it was damaged and then deleted",
  "added-and-used": "the damage made it, and it was used since",
};

export function kindWords(kind: string): string {
  return KINDS[kind] ?? visibleText(kind);
}

interface RewindPlanProps {
  readonly plan: RewindPlanSummary;
  /** Beside each question: how it may be answered. */
  readonly answer?: ((question: RewindPlanSummary["questions"][number]) => ReactNode) | undefined;
}

export function RewindPlan({ plan, answer }: RewindPlanProps) {
  return (
    <>
      <Section title="Plan" boxed>
        <Facts
          facts={[
            { name: "Would change", value: changesOf(plan) },
            { name: "Damage", value: <code>{`${plan.first} to ${plan.last}`}</code> },
            { name: "Compared", value: <code>{`${plan.before}, ${plan.after}, and now`}</code> },
            {
              name: "Digest",
              value: (
                <>
                  <code className={styles.digest}>{plan.digest}</code> <CopyButton text={plan.digest} label="Copy the digest" iconOnly />
                </>
              ),
            },
          ]}
        />
        <Tables plan={plan} />
        {plan.refusals.map(({ table, reason }) => (
          <Notice key={table} kind="warning" title={`Nothing is done about ${visibleText(table)}`}>
            <p>{visibleText(reason)}</p>
          </Notice>
        ))}
        {plan.setAside.map(({ table, kind, rows }) => (
          <p key={`${table} ${kind}`}>
            {rows} rows of <code>{visibleText(table)}</code> are left alone: {kindWords(kind)}.
          </p>
        ))}
        {plan.notes.map((note) => (
          <p key={note}>{visibleText(note)}</p>
        ))}
      </Section>
      {plan.asked === 0 ? null : <Questions plan={plan} answer={answer} />}
    </>
  );
}

export function changesOf({ changed, returned, asked, answered }: RewindPlanSummary): string {
  return [
    `${changed} rows get old values back`,
    `${returned} deleted rows come back`,
    ...(asked === 0 ? [] : [`${asked} rows are asked about, ${answered} of them answered`]),
  ].join(", ");
}

function Tables({ plan }: { readonly plan: RewindPlanSummary }) {
  const rows = plan.tables.flatMap(({ table, keyColumns, changes, returned }) => [
    ...changes.map((change) => ({ table, keyColumns, what: `${change.columns.join(", ")} as before`, ...change })),
    ...(returned.rows === 0 ? [] : [{ table, keyColumns, what: "comes back whole", ...returned }]),
  ]);
  const triggers = plan.tables.flatMap(({ table, triggers: list }) => list.map((each) => ({ table, ...each })));
  return (
    <>
      {rows.length === 0 ? (
        <p>No row would change.</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scroller that the keyboard cannot reach hides its right end
        <section className={styles.scroller} aria-label="Changes by table" tabIndex={0}>
          <table className={styles.table}>
            <thead>
              <tr>
                <th scope="col">Table</th>
                <th scope="col">Rows</th>
                <th scope="col">What</th>
                <th scope="col">First keys</th>
              </tr>
            </thead>
            <tbody>
              {rows.map(({ table, keyColumns, what, rows: count, keys }) => (
                <tr key={`${table} ${what}`}>
                  <th scope="row">
                    <code>{visibleText(table)}</code>
                  </th>
                  <td>{count}</td>
                  <td>{visibleText(what)}</td>
                  <td>
                    <code>
                      {visibleText(`${keyColumns.join(", ")}: ${keys.map((key) => key.join("/")).join(", ")}`)}
                      {count > keys.length ? ", …" : ""}
                    </code>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      {triggers.map(({ table, name, decision }) => (
        <p key={`${table} ${name}`}>
          Trigger <code>{visibleText(name)}</code> of <code>{visibleText(table)}</code>{" "}
          {decision === "run" ? "fires for every row that comes back." : "is skipped while rows come back."}
        </p>
      ))}
    </>
  );
}

function Questions({ plan, answer }: RewindPlanProps) {
  return (
    <Section title={`Questions (${plan.asked})`}>
      <p>
        What nobody answers stays as it is now. Values are shown nowhere outside the databases: look the rows up by their keys.
        {plan.asked > plan.questions.length ? ` The first ${plan.questions.length} are listed.` : ""}
      </p>
      <ul className={styles.questions}>
        {plan.questions.map((question) => (
          <li key={question.id}>
            <p>
              <code>{visibleText(`${question.table} ${question.key.join("/")}`)}</code>: {visibleText(question.columns.join(", "))};{" "}
              {kindWords(question.kind)}.
            </p>
            {answer?.(question)}
          </li>
        ))}
      </ul>
    </Section>
  );
}

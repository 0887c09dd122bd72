import type { Ran, Rehearsal } from "@holdfast/actions/domain";
import { visibleText } from "../../lib/visible-text.ts";
import styles from "./migrations.module.css";

/** What each migration really did there: rows by table, locks, duration, what held before and after. */
export function RehearsalTable({ rehearsal }: { readonly rehearsal: Rehearsal }) {
  return (
    <>
      {rehearsal.ran.map((ran) => (
        <article key={ran.version} aria-label={`Rehearsal of ${ran.version}`}>
          <h3>
            {ran.version}: {ran.durationMs} ms
          </h3>
          {/* On a narrow screen the table scrolls sideways, which the keyboard must reach too. */}
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: see above */}
          <section className={styles.scroll} aria-label={`What ${ran.version} did to tables`} tabIndex={0}>
            <table className={styles.table}>
              <thead>
                <tr>
                  <th scope="col">Table</th>
                  <th scope="col">Inserted</th>
                  <th scope="col">Updated</th>
                  <th scope="col">Deleted</th>
                  <th scope="col">Rows before</th>
                  <th scope="col">Rows after</th>
                  <th scope="col">Lock</th>
                </tr>
              </thead>
              <tbody>
                {tablesOf(ran).map(({ table, changes, before, after, lock }) => (
                  <tr key={table}>
                    <th scope="row">
                      <code>{visibleText(table)}</code>
                    </th>
                    <td>{changes?.inserted ?? 0}</td>
                    <td>{changes?.updated ?? 0}</td>
                    <td>{changes?.deleted ?? 0}</td>
                    <td>{before ?? "–"}</td>
                    <td>{after ?? "–"}</td>
                    <td>{lock ?? "–"}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
          <p className={styles.soft}>
            {ran.checks.length === 0
              ? "No checks are configured."
              : ran.checks
                  .map(
                    ({ name, before, after }) =>
                      `${visibleText(name)}: ${before ? "held" : "did not hold"} before, ${after ? "holds" : "does not hold"} after`,
                  )
                  .join("; ")}
          </p>
        </article>
      ))}
    </>
  );
}

function tablesOf({ changes, counts, locks }: Ran) {
  // Protected tables are named as holdfast.yml names them, the others with their schema.
  const plain = (table: string) => table.replace(/^public\./, "");
  const names = new Set([
    ...changes.map(({ table }) => plain(table)),
    ...Object.keys(counts.before).map(plain),
    ...locks.map(({ table }) => plain(table)),
  ]);
  return [...names].toSorted().map((table) => ({
    table,
    changes: changes.find((each) => plain(each.table) === table),
    before: counts.before[table],
    after: counts.after[table],
    lock: locks.find((each) => plain(each.table) === table)?.mode,
  }));
}

import { RIGHTS, type TokenCheck } from "../lib/token-rights.ts";
import { Sign, StateIcon } from "./icons.tsx";
import styles from "./rights-table.module.css";

const ANSWERS = { yes: "can", no: "cannot", unknown: "could not be told" } as const;

/** What the token can and cannot do, before anything is tried. */
export function RightsTable({ check }: { readonly check: TokenCheck }) {
  return (
    <table className={styles.table}>
      <caption>What this token can do</caption>
      <thead>
        <tr>
          <th scope="col">The token</th>
          <th scope="col">What for</th>
          <th scope="col">Permission</th>
        </tr>
      </thead>
      <tbody>
        {RIGHTS.map((right) => {
          const verdict = check.rights.find((each) => each.id === right.id);
          const held = verdict?.held ?? "unknown";
          return (
            <tr key={right.id} data-held={held}>
              <td className={styles.answer}>
                {held === "yes" ? <Sign name="done" /> : held === "no" ? <Sign name="stopped" /> : <StateIcon state="degraded" />}
                {ANSWERS[held]}
              </td>
              <td>
                {right.allows}
                {verdict === undefined || verdict.note === "" ? null : <span className={styles.note}> ({verdict.note})</span>}
              </td>
              <td>
                <code>{right.permission}</code>
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

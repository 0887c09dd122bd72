import type { StateWord } from "@holdfast/actions/domain";
import { StateIcon } from "./icons.tsx";
import styles from "./state-badge.module.css";

const WORDS: Readonly<Record<StateWord, string>> = { normal: "Normal", degraded: "Degraded", blocked: "Blocked", override: "Override" };

export function stateWord(state: StateWord): string {
  return WORDS[state];
}

export function StateBadge({ state }: { readonly state: StateWord }) {
  return (
    <strong className={styles.badge} data-state={state}>
      <StateIcon state={state} />
      {WORDS[state]}
    </strong>
  );
}

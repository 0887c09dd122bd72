/** The state, on every screen: word, shape, first reason, and how old the picture is. The same value as the overview's rows. */
import { useEffect, useRef } from "react";
import { Link } from "wouter";
import { Ago } from "../components/instant.tsx";
import { StateBadge, stateWord } from "../components/state-badge.tsx";
import { announce, announceAlert } from "../lib/announce.ts";
import { gist } from "../lib/gist.ts";
import { isStale } from "../lib/readings.ts";
import { showInstant } from "../lib/show-instant.ts";
import { useSystem } from "../lib/system.tsx";
import { useNow } from "../lib/use-now.ts";
import { visibleText } from "../lib/visible-text.ts";
import { isActive } from "../lib/work.ts";
import styles from "./state-bar.module.css";

export function StateBar() {
  const { cluster, config, stateOf, work } = useSystem();
  const state = cluster === null ? null : stateOf(cluster);
  const active = work.filter(isActive).length;
  const [first] = state?.reasons ?? [];
  useAnnounced(
    state === null ? null : `${cluster?.id}: ${stateWord(state.word)}. ${visibleText(first?.sentence ?? "")}`,
    first?.code === "alert-unacknowledged",
  );
  return (
    <header className={styles.bar} data-state={state?.word}>
      <Link href="/" className={styles.brand ?? ""}>
        Holdfast
      </Link>
      <div className={styles.state} data-testid="state">
        {state === null ? (
          <span className={styles.reading}>{config.value === null ? "Nothing promoted yet" : "Reading…"}</span>
        ) : (
          <StateBadge state={state.word} />
        )}
        {state === null ? null : (
          <Link href="/" className={styles.reason ?? ""}>
            {first === undefined ? `No reason for concern is known for ${cluster?.id}.` : visibleText(gist(first.sentence))}
            {state.reasons.length > 1 ? ` (+${state.reasons.length - 1} more)` : null}
          </Link>
        )}
      </div>
      <div className={styles.tools}>
        {active === 0 ? null : (
          <Link href="/recovery" className={styles.active ?? ""}>
            {active} running
          </Link>
        )}
        <ClusterChoice />
        <AsOf />
        <TimeSwitch />
      </div>
    </header>
  );
}

function ClusterChoice() {
  const { config, cluster, chooseCluster, stateOf } = useSystem();
  const clusters = config.value?.clusters ?? [];
  if (cluster === null) return null;
  if (clusters.length === 1) return <strong className={styles.cluster}>{cluster.id}</strong>;
  return (
    <select className={styles.select} aria-label="Cluster" value={cluster.id} onChange={(event) => chooseCluster(event.target.value)}>
      {clusters.map((each) => {
        const state = stateOf(each);
        return (
          <option key={each.id} value={each.id}>
            {state === null || state.word === "normal" ? each.id : `${each.id}: ${stateWord(state.word)}`}
          </option>
        );
      })}
    </select>
  );
}

function AsOf() {
  const { asOf, inventory, ledger, timeView, refresh } = useSystem();
  const now = useNow(1_000);
  if (asOf === null) return null;
  const stale = isStale(inventory, now) || isStale(ledger, now);
  const shown = showInstant(asOf, timeView);
  return (
    <button type="button" className={styles.asOf} data-stale={stale || undefined} onClick={refresh} title="Read everything again">
      {stale ? "stale, " : null}
      <span>as of </span>
      <time dateTime={asOf.toISOString()}>{shown.slice(11)}</time>
      <span>
        , <Ago at={asOf} />
      </span>
    </button>
  );
}

function TimeSwitch() {
  const { timeView, setTimeView } = useSystem();
  return (
    <fieldset className={styles.switch} aria-label="Show times in">
      {(["utc", "local"] as const).map((view) => (
        <button key={view} type="button" aria-pressed={timeView === view} onClick={() => setTimeView(view)}>
          {view === "utc" ? "UTC" : "Local"}
        </button>
      ))}
    </fieldset>
  );
}

/** Said when the words change, not when only their age does; at once where nobody has looked at a HIGH alert. */
function useAnnounced(text: string | null, urgent: boolean) {
  const said = useRef<string | null>(null);
  useEffect(() => {
    if (text === null) return;
    const words = text.replace(/\d+/g, "");
    if (said.current !== null && said.current !== words) (urgent ? announceAlert : announce)(text);
    said.current = words;
  }, [text, urgent]);
}

/** What is the state, why, and what follows: answered in five seconds, from the same value as the state bar. */
import type { Cluster, SystemState } from "@holdfast/actions/domain";
import type { ReactNode } from "react";
import { ClusterPage } from "../../components/cluster-page.tsx";
import { LinkButton } from "../../components/link-button.tsx";
import { Loading } from "../../components/notice.tsx";
import { Page } from "../../components/page.tsx";
import { ReasonList } from "../../components/reason-list.tsx";
import { stateWord } from "../../components/state-badge.tsx";
import { LatestWork, RunningWork } from "../../components/work-lists.tsx";
import { gist } from "../../lib/gist.ts";
import { useCluster, useSystem } from "../../lib/system.tsx";
import { visibleText } from "../../lib/visible-text.ts";
import { DurationCard } from "./duration-card.tsx";
import { OpenAlerts } from "./open-alerts.tsx";
import styles from "./overview.module.css";
import { RecordCard } from "./record-card.tsx";
import { RecoverCard } from "./recover-card.tsx";

// What happened lately fits one look; the rest is on the recovery and ledger screens.
const LATEST = 5;

interface OverviewProps {
  /** What waits for a person's decision. */
  readonly decisions: ReactNode;
}

export function OverviewScreen({ decisions }: OverviewProps) {
  return <ClusterPage title="Overview">{(cluster) => <Overview cluster={cluster} decisions={decisions} />}</ClusterPage>;
}

function Overview({ cluster, decisions }: OverviewProps & { readonly cluster: Cluster }) {
  const { stateOf } = useSystem();
  const { work, active } = useCluster();
  const state = stateOf(cluster);
  // Nothing is drawn below until all of it is known: figures that jump while they are read are misread.
  if (state === null) {
    return (
      <Page title="Reading the state…" tabTitle="Overview">
        <Loading what="inventory and ledger" />
      </Page>
    );
  }
  return (
    <Page
      title={headline(state, cluster.id)}
      tabTitle={`${stateWord(state.word)}: ${cluster.id}`}
      actions={
        <>
          <LinkButton to="/recovery">Recovery points</LinkButton>
          <LinkButton to="/recover" tone="primary">
            Restore…
          </LinkButton>
        </>
      }
    >
      <ReasonList label="Reasons" reasons={state.reasons} />
      <OpenAlerts />
      <div className={styles.cards}>
        <RecoverCard cluster={cluster} />
        <DurationCard cluster={cluster} />
        <RecordCard />
      </div>
      {decisions}
      {/* What waits for a person stands among the decisions. */}
      <RunningWork views={active.filter((each) => each.state !== "waiting")} />
      <LatestWork cluster={cluster.id} work={work} most={LATEST} />
    </Page>
  );
}

function headline(state: SystemState, cluster: string): string {
  const [first] = state.reasons;
  return `${stateWord(state.word)}: ${first === undefined ? `${cluster} can be recovered, and the record of it holds.` : visibleText(gist(first.sentence))}`;
}

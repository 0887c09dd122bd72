/** Every point that can be gone back to, who made it and why; taking a new one; going back to one. */
import type { Cluster, ClusterView } from "@holdfast/actions/domain";
import { ClusterPage } from "../../components/cluster-page.tsx";
import { LinkButton } from "../../components/link-button.tsx";
import { Empty, Failure, Loading } from "../../components/notice.tsx";
import { Page } from "../../components/page.tsx";
import { LatestWork, RunningWork } from "../../components/work-lists.tsx";
import { useCluster, useSystem } from "../../lib/system.tsx";
import { useRetention } from "../../lib/use-retention.ts";
import { DrillHistory } from "./drill-history.tsx";
import { OrphanList } from "./orphan-list.tsx";
import { RangeBar } from "./range-bar.tsx";
import { RestoredList } from "./restored-list.tsx";
import { RetentionCalendar } from "./retention-calendar.tsx";
import { SnapshotList } from "./snapshot-list.tsx";
import { TakeSnapshot } from "./take-snapshot.tsx";

const LATEST = 10;

export function RecoveryScreen() {
  return <ClusterPage title="Recovery">{(cluster) => <Recovery cluster={cluster} />}</ClusterPage>;
}

function Recovery({ cluster }: { readonly cluster: Cluster }) {
  const { inventory, refresh } = useSystem();
  const { view, work, active } = useCluster();
  return (
    <Page
      title={`Recovery of ${cluster.id}`}
      actions={
        <>
          <TakeSnapshot cluster={cluster.id} />
          <LinkButton to="/recover" tone="primary">
            Restore…
          </LinkButton>
        </>
      }
    >
      <RunningWork views={active} />
      {inventory.value === undefined ? (
        inventory.error === null ? (
          <Loading what="the inventory" />
        ) : (
          <Failure what="The inventory cannot be read" error={inventory.error} onRetry={refresh} />
        )
      ) : view === null ? (
        <Empty title="No recovery point is known">
          <p>
            No worker has written an inventory of {cluster.id} yet. Take a snapshot: it makes the first recovery point and the first
            inventory.
          </p>
        </Empty>
      ) : (
        <>
          <RangeBar view={view} />
          <Points cluster={cluster} view={view} />
          <RestoredList restored={view.restored} />
          <OrphanList orphans={inventory.value?.orphans.filter((each) => each.sourceCluster === cluster.id) ?? []} />
        </>
      )}
      <LatestWork cluster={cluster.id} work={work} most={LATEST} />
    </Page>
  );
}

function Points({ cluster, view }: { readonly cluster: Cluster; readonly view: ClusterView }) {
  const retention = useRetention(view);
  return (
    <>
      <SnapshotList snapshots={view.snapshots} plan={retention?.plan ?? null} />
      {retention === null ? null : <RetentionCalendar retention={retention} />}
      <DrillHistory cluster={cluster} view={view} />
    </>
  );
}

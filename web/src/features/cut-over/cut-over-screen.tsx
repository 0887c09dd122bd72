/** Putting a restored cluster in the place of the live one: what will happen, what will be missing, what has to be done before; then one request. */
import type { Cluster } from "@holdfast/actions/domain";
import { ClusterPage } from "../../components/cluster-page.tsx";
import { LinkButton } from "../../components/link-button.tsx";
import { Empty, Failure, Loading } from "../../components/notice.tsx";
import { Page } from "../../components/page.tsx";
import { recoveryMoment } from "../../lib/recovery-moment.ts";
import { useCluster, useSystem } from "../../lib/system.tsx";
import { visibleText } from "../../lib/visible-text.ts";
import { CutOverForm } from "./cut-over-form.tsx";

export function CutOverScreen({ restored }: { readonly restored: string }) {
  return <ClusterPage title="Cut-over">{(cluster) => <CutOver cluster={cluster} name={restored} />}</ClusterPage>;
}

function CutOver({ cluster, name }: { readonly cluster: Cluster; readonly name: string }) {
  const { inventory, ledger, refresh } = useSystem();
  const { view } = useCluster();
  const restored = view?.restored.find((each) => each.id === name);
  const entries = ledger.value?.verdict.entries;
  return (
    <Page
      title={visibleText(`Put ${name} in the place of ${cluster.id}`)}
      actions={<LinkButton to="/recovery">All recovery points</LinkButton>}
    >
      {body()}
    </Page>
  );

  function body() {
    if (view !== null && restored !== undefined && entries !== undefined) {
      const incident = entries.find((entry) => entry.data.requestId === restored.requestId && entry.incident !== undefined)?.incident ?? "";
      return (
        <CutOverForm
          key={`${cluster.id} ${restored.id}`}
          cluster={cluster}
          restored={restored}
          entries={entries}
          moment={recoveryMoment(restored.requestId, entries, view)}
          belongsTo={incident}
        />
      );
    }
    if (inventory.error !== null) return <Failure what="The inventory cannot be read" error={inventory.error} onRetry={refresh} />;
    if (ledger.error !== null) return <Failure what="The ledger cannot be read" error={ledger.error} onRetry={refresh} />;
    if (inventory.value === undefined || entries === undefined) return <Loading what="inventory and ledger" />;
    return (
      <Empty title="There is no such restored cluster">
        <p>
          The inventory knows no cluster <code>{visibleText(name)}</code> that Holdfast restored from {cluster.id}. It was removed, or has
          another name by now.
        </p>
      </Empty>
    );
  }
}

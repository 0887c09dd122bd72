/** Going back to a point, on one page: choose it, see what that costs, say why, send exactly what was reviewed. */
import { Empty, Failure, Loading } from "../../components/notice.tsx";
import { Page } from "../../components/page.tsx";
import { useCluster, useSystem } from "../../lib/system.tsx";
import { RecoverForm } from "./recover-form.tsx";
import { useTemporal } from "./use-temporal.ts";

export function RecoverScreen({ snapshot }: { readonly snapshot: string | null }) {
  const { inventory, refresh } = useSystem();
  const { cluster, view } = useCluster();
  const ready = useTemporal();
  const title = cluster === null ? "Restore" : `Restore ${cluster.id} to a new cluster`;
  if (cluster !== null && view !== null && ready) {
    return (
      <Page title={title}>
        <RecoverForm key={cluster.id} cluster={cluster.id} view={view} preferred={snapshot} />
      </Page>
    );
  }
  return (
    <Page title={title}>
      {inventory.value === undefined && inventory.error !== null ? (
        <Failure what="The inventory cannot be read" error={inventory.error} onRetry={refresh} />
      ) : inventory.value === null || (inventory.value !== undefined && view === null && cluster !== null) ? (
        <Empty title="There is nothing to go back to yet">
          <p>No recovery point is known. Take a snapshot on the recovery screen first.</p>
        </Empty>
      ) : (
        <Loading what="recovery points" />
      )}
    </Page>
  );
}

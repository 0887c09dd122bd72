/** Going back to a point, on one page: choose it, see what that costs, say why, send exactly what was reviewed. */
import type { Cluster } from "@holdfast/actions/domain";
import { ClusterPage } from "../../components/cluster-page.tsx";
import { Empty, Failure, Loading } from "../../components/notice.tsx";
import { Page } from "../../components/page.tsx";
import { damageOf } from "../../lib/damage-of.ts";
import { useCluster, useSystem } from "../../lib/system.tsx";
import { useAlerts } from "../../lib/use-alerts.ts";
import { RecoverForm } from "./recover-form.tsx";
import { useTemporal } from "./use-temporal.ts";

interface RecoverScreenProps {
  /** The snapshot that was asked for, if one was. */
  readonly snapshot: string | null;
  /** The incident that the restore would belong to; empty for none. */
  readonly incident: string;
  /** The second up to which everything is wanted back, where one is known. */
  readonly upTo?: Date | null;
}

export function RecoverScreen(props: RecoverScreenProps) {
  return <ClusterPage title="Restore">{(cluster) => <Recover cluster={cluster} {...props} />}</ClusterPage>;
}

function Recover({ cluster, snapshot, incident, upTo = null }: RecoverScreenProps & { readonly cluster: Cluster }) {
  const { inventory, ledger, collectors, refresh } = useSystem();
  const { view } = useCluster();
  const known = useAlerts();
  const alert = known?.alerts.find((each) => each.alert.id === incident)?.alert;
  const ready = useTemporal();
  return <Page title={`Restore ${cluster.id} to a new cluster`}>{body()}</Page>;

  function body() {
    // Where the form is for an incident, its first choice is the second before that began, which only ledger and clocks tell.
    const told = known !== null && (collectors.value !== undefined || collectors.error !== null);
    if (view !== null && ready && (incident === "" || told)) {
      const asked = {
        snapshot,
        upTo,
        damage: alert === undefined ? null : damageOf(alert, ledger.value?.verdict.entries ?? [], collectors.value ?? []),
      };
      return <RecoverForm key={cluster.id} cluster={cluster.id} view={view} asked={asked} belongsTo={incident} />;
    }
    if (inventory.value !== undefined && view === null) {
      return (
        <Empty title="There is nothing to go back to yet">
          <p>No recovery point is known. Take a snapshot on the recovery screen first.</p>
        </Empty>
      );
    }
    if (inventory.error !== null) return <Failure what="The inventory cannot be read" error={inventory.error} onRetry={refresh} />;
    return <Loading what="recovery points" />;
  }
}

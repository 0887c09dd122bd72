/** Bringing back the damaged rows alone: which tables, when, what is known of the damage; then a plan to look at, and nothing changed before it. */
import type { Cluster } from "@holdfast/actions/domain";
import { ClusterPage } from "../../components/cluster-page.tsx";
import { Failure, Loading } from "../../components/notice.tsx";
import { Page } from "../../components/page.tsx";
import { intervalOf } from "../../lib/rewind-draft.ts";
import { useSystem } from "../../lib/system.tsx";
import { useAlerts } from "../../lib/use-alerts.ts";
import { RewindForm } from "./rewind-form.tsx";

export function RewindScreen({ incident }: { readonly incident: string }) {
  return <ClusterPage title="Rewind">{(cluster) => <Rewind cluster={cluster} incident={incident} />}</ClusterPage>;
}

function Rewind({ cluster, incident }: { readonly cluster: Cluster; readonly incident: string }) {
  const { ledger, refresh } = useSystem();
  const known = useAlerts();
  const alert = known?.alerts.find((each) => each.alert.id === incident)?.alert;
  return <Page title={`Rewind damaged rows of ${cluster.id}`}>{body()}</Page>;

  function body() {
    // For an incident the interval is filled in from the start, and only the ledger tells it.
    if (incident === "" || known !== null) {
      const interval = alert === undefined ? { from: "", to: "" } : intervalOf(alert);
      return <RewindForm key={cluster.id} cluster={cluster.id} tables={cluster.protect} interval={interval} belongsTo={incident} />;
    }
    if (ledger.error !== null) return <Failure what="The ledger cannot be read" error={ledger.error} onRetry={refresh} />;
    return <Loading what="the incident" />;
  }
}

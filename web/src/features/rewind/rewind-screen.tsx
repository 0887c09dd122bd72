/** Bringing back the damaged rows alone: which tables, when, what is known of the damage; then a plan to look at, and nothing changed before it. */
import type { Cluster } from "@holdfast/actions/domain";
import { ClusterPage } from "../../components/cluster-page.tsx";
import { Failure, Loading } from "../../components/notice.tsx";
import { Page } from "../../components/page.tsx";
import { intervalOf } from "../../lib/rewind-draft.ts";
import { useSystem } from "../../lib/system.tsx";
import { useAlerts } from "../../lib/use-alerts.ts";
import { RewindForm } from "./rewind-form.tsx";

interface RewindScreenProps {
  readonly incident: string;
  /** What whoever leads here knows of the damage: a migration knows when it ran, and which tables it changed. */
  readonly known?: { readonly from: string; readonly to: string; readonly tables: readonly string[] };
}

export function RewindScreen(props: RewindScreenProps) {
  return <ClusterPage title="Rewind">{(cluster) => <Rewind cluster={cluster} {...props} />}</ClusterPage>;
}

function Rewind({ cluster, incident, known: told }: RewindScreenProps & { readonly cluster: Cluster }) {
  const { ledger, refresh } = useSystem();
  const known = useAlerts();
  const alert = known?.alerts.find((each) => each.alert.id === incident)?.alert;
  return <Page title={`Rewind damaged rows of ${cluster.id}`}>{body()}</Page>;

  function body() {
    // For an incident the interval is filled in from the start, and only the ledger tells it.
    if (incident === "" || known !== null) {
      const { from, to, tables } = told ?? { from: "", to: "", tables: cluster.protect };
      const interval = alert === undefined ? { from, to } : intervalOf(alert);
      return <RewindForm key={cluster.id} cluster={cluster.id} tables={tables} interval={interval} belongsTo={incident} />;
    }
    if (ledger.error !== null) return <Failure what="The ledger cannot be read" error={ledger.error} onRetry={refresh} />;
    return <Loading what="the incident" />;
  }
}

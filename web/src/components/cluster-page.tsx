import type { Cluster } from "@holdfast/actions/domain";
import type { ReactNode } from "react";
import { useSystem } from "../lib/system.tsx";
import { Empty, Failure, Loading } from "./notice.tsx";
import { Page } from "./page.tsx";

interface ClusterPageProps {
  /** The heading while there is no cluster to show. */
  readonly title: string;
  readonly children: (cluster: Cluster) => ReactNode;
}

/** What every screen about a cluster needs first: a configuration in force. */
export function ClusterPage({ title, children }: ClusterPageProps) {
  const { cluster, config, deployment, refresh } = useSystem();
  if (cluster !== null) return children(cluster);
  if (config.value === null) {
    return (
      <Page title="Nothing is promoted yet">
        <Empty title="There is no configuration in force">
          <p>
            The branch <code>{deployment.branch}</code> has no <code>actions/dist/config.json</code>. Run the workflow <em>promote</em>: it
            checks <code>holdfast.yml</code>, builds the workers and puts both in force.
          </p>
        </Empty>
      </Page>
    );
  }
  return (
    <Page title={title}>
      {config.error === null ? (
        <Loading what="the configuration" />
      ) : (
        <Failure what="The configuration cannot be read" error={config.error} onRetry={refresh} />
      )}
    </Page>
  );
}

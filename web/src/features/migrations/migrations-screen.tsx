/** What was asked for and became of it, and asking for what is pending: it is planned and rehearsed first, and applied only once somebody else agrees. */
import type { Cluster } from "@holdfast/actions/domain";
import { ClusterPage } from "../../components/cluster-page.tsx";
import { GateLine } from "../../components/gate-line.tsx";
import { LinkButton } from "../../components/link-button.tsx";
import { Empty } from "../../components/notice.tsx";
import { Page } from "../../components/page.tsx";
import { Section } from "../../components/section.tsx";
import { RunningWork } from "../../components/work-lists.tsx";
import { WorkSummary } from "../../components/work-summary.tsx";
import { useCluster, useSystem } from "../../lib/system.tsx";
import { isActive } from "../../lib/work.ts";
import { AskMigration } from "./ask-migration.tsx";
import { Circumstances } from "./circumstances.tsx";

// What fits a screen; the ledger has the rest.
const LATEST = 20;

export function MigrationsScreen() {
  return <ClusterPage title="Migrations">{(cluster) => <Migrations cluster={cluster} />}</ClusterPage>;
}

function Migrations({ cluster }: { readonly cluster: Cluster }) {
  const { config } = useSystem();
  const { work } = useCluster();
  const views = work.filter((each) => each.work === "migrate");
  const over = views.filter((each) => !isActive(each)).slice(0, LATEST);
  if (cluster.migrations === undefined) {
    return (
      <Page title={`Migrations of ${cluster.id}`}>
        <Empty title="No migrations are configured">
          <p>
            Say in holdfast.yml where they are: `migrations: {"{ directory: db/migrations }"}` in the cluster. The guide is
            docs/migrations.md.
          </p>
        </Empty>
      </Page>
    );
  }
  return (
    <Page
      title={`Migrations of ${cluster.id}`}
      actions={
        <>
          <LinkButton to="/migrations/guards">Guards</LinkButton>
          <AskMigration cluster={cluster.id} />
        </>
      }
    >
      <RunningWork views={views.filter(isActive)} />
      <Section title="Where things stand">
        <p>
          Files of <code>{cluster.migrations.directory}</code>. <GateLine environment="migration-approval" />
          {config.value?.approvals.migrations === "dispatch"
            ? ` Besides, others approve a migration by runs of respond.yml: ${Math.max(1, config.value.approvals.required)} must agree.`
            : null}
        </p>
        <Circumstances cluster={cluster} />
      </Section>
      <Section title="History">
        {over.length === 0 ? (
          <Empty title="Nothing was migrated yet">
            <p>Plan what is pending: nothing is changed by that, and you see what each statement would do.</p>
          </Empty>
        ) : (
          <ul aria-label="Migrations, newest first">
            {over.map((view) => (
              <WorkSummary key={view.requestId} view={view} />
            ))}
          </ul>
        )}
      </Section>
    </Page>
  );
}

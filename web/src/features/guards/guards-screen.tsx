/**
 * Guards inside the database: which stand, and the migrations that install, override and remove them. The page writes the migration and nothing
 * else: like every migration it is committed, planned, rehearsed and approved by somebody else.
 */
import { type Cluster, type Guard, protectionOf } from "@holdfast/actions/domain";
import { useRef, useState } from "react";
import { ClusterPage } from "../../components/cluster-page.tsx";
import { LinkButton } from "../../components/link-button.tsx";
import { Empty, Failure, Loading } from "../../components/notice.tsx";
import { Page } from "../../components/page.tsx";
import { type GuardDraft, type GuardKind, nextNumber } from "../../lib/guard-draft.ts";
import { useSystem } from "../../lib/system.tsx";
import { GuardForm } from "./guard-form.tsx";
import { GuardList } from "./guard-list.tsx";

export function GuardsScreen() {
  return <ClusterPage title="Guards">{(cluster) => <Guards key={cluster.id} cluster={cluster} />}</ClusterPage>;
}

function Guards({ cluster }: { readonly cluster: Cluster }) {
  const { ledger, refresh } = useSystem();
  const title = `Guards of ${cluster.id}`;
  if (cluster.migrations === undefined) {
    return (
      <Page title={title}>
        <Empty title="No migrations are configured">
          <p>
            Guards reach the database as migrations do. Say in holdfast.yml where those are; the guides are docs/migrations.md and
            docs/guard.md.
          </p>
        </Empty>
      </Page>
    );
  }
  // The number that is proposed, and what is guarded, are known from the ledger alone.
  if (ledger.value === undefined) {
    return (
      <Page title={title}>
        {ledger.error === null ? (
          <Loading what="the ledger" />
        ) : (
          <Failure what="The ledger cannot be read" error={ledger.error} onRetry={refresh} />
        )}
      </Page>
    );
  }
  const { entries } = ledger.value.verdict;
  const number = nextNumber(entries, cluster.id, cluster.migrations.baseline);
  return (
    <Page title={title} actions={<LinkButton to="/migrations">Migrations</LinkButton>}>
      <ListAndForm cluster={cluster} directory={cluster.migrations.directory} number={number} guards={protectionOf(entries, cluster.id)} />
    </Page>
  );
}

interface ListAndFormProps {
  readonly cluster: Cluster;
  readonly directory: string;
  readonly number: string;
  readonly guards: ReturnType<typeof protectionOf>;
}

function ListAndForm({ cluster, directory, number, guards }: ListAndFormProps) {
  const [draft, setDraft] = useState<GuardDraft>(() => ({ ...EMPTY, number, table: tableOf(cluster.protect[0]) }));
  const form = useRef<HTMLDivElement>(null);
  const choose = (kind: GuardKind, { schema, table }: Guard) => {
    setDraft({ ...draft, kind, table: `${schema}.${table}` });
    form.current?.focus();
    form.current?.scrollIntoView({ block: "start" });
  };
  return (
    <>
      <GuardList seen={guards} onChoose={choose} />
      <div ref={form} tabIndex={-1}>
        <GuardForm draft={draft} onChange={setDraft} directory={directory} />
      </div>
    </>
  );
}

/** Protected tables are named without their schema where that is the usual one. */
function tableOf(name: string | undefined): string {
  if (name === undefined) return "";
  return name.includes(".") ? name : `public.${name}`;
}

const EMPTY: GuardDraft = {
  kind: "mass-changes",
  number: "",
  table: "",
  rows: "500",
  window: "60s",
  windowRows: "",
  percent: "",
  mode: "observe",
  column: "version",
  length: "15m",
  reason: "",
};

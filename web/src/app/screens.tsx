import { lazy, type ReactNode, Suspense, useEffect } from "react";
import { Redirect, Route, Switch, useLocation } from "wouter";
import { ErrorBoundary } from "../components/error-boundary.tsx";
import { Loading } from "../components/notice.tsx";
import { Page } from "../components/page.tsx";
import { OverviewScreen } from "../features/overview/overview-screen.tsx";
import type { WorkView } from "../lib/work.ts";

// The overview is what a person waits for; the others are fetched while it is read, so that they open without the network.
const SCREENS = {
  recovery: () => import("../features/recovery/recovery-screen.tsx"),
  recover: () => import("../features/recovery/recover-screen.tsx"),
  rewind: () => import("../features/rewind/rewind-screen.tsx"),
  cutOver: () => import("../features/cut-over/cut-over-screen.tsx"),
  run: () => import("../features/recovery/run-screen.tsx"),
  incident: () => import("../features/incidents/incident-screen.tsx"),
  alerts: () => import("../features/alerts/alerts-screen.tsx"),
  alert: () => import("../features/alerts/alert-screen.tsx"),
  migrations: () => import("../features/migrations/migrations-screen.tsx"),
  guards: () => import("../features/guards/guards-screen.tsx"),
  ledger: () => import("../features/ledger/ledger-screen.tsx"),
  token: () => import("../features/sign-in/token-screen.tsx"),
} as const;

const RecoveryScreen = lazy(async () => ({ default: (await SCREENS.recovery()).RecoveryScreen }));
const RecoverScreen = lazy(async () => ({ default: (await SCREENS.recover()).RecoverScreen }));
const RewindScreen = lazy(async () => ({ default: (await SCREENS.rewind()).RewindScreen }));
const RewindRun = lazy(async () => ({ default: (await import("../features/rewind/rewind-run.tsx")).RewindRun }));
const CutOverScreen = lazy(async () => ({ default: (await SCREENS.cutOver()).CutOverScreen }));
const CutOverRun = lazy(async () => ({ default: (await import("../features/cut-over/cut-over-run.tsx")).CutOverRun }));
const RunScreen = lazy(async () => ({ default: (await SCREENS.run()).RunScreen }));
const IncidentScreen = lazy(async () => ({ default: (await SCREENS.incident()).IncidentScreen }));
const AlertsScreen = lazy(async () => ({ default: (await SCREENS.alerts()).AlertsScreen }));
const AlertScreen = lazy(async () => ({ default: (await SCREENS.alert()).AlertScreen }));
const MigrationsScreen = lazy(async () => ({ default: (await SCREENS.migrations()).MigrationsScreen }));
const GuardsScreen = lazy(async () => ({ default: (await SCREENS.guards()).GuardsScreen }));
const MigrationDetails = lazy(async () => ({ default: (await import("../features/migrations/migration-details.tsx")).MigrationDetails }));
const LedgerScreen = lazy(async () => ({ default: (await SCREENS.ledger()).LedgerScreen }));
const PendingReviews = lazy(async () => ({ default: (await import("../features/approvals/pending-reviews.tsx")).PendingReviews }));
const RunDecision = lazy(async () => ({ default: (await import("../features/approvals/run-decision.tsx")).RunDecision }));
const TokenScreen = lazy(async () => ({ default: (await SCREENS.token()).TokenScreen }));

// After the first readings, which matter more.
const FETCH_AFTER_MS = 3_000;

export function Screens() {
  const [location] = useLocation();
  useEffect(() => {
    const timer = setTimeout(() => void Promise.allSettled(Object.values(SCREENS).map((fetchScreen) => fetchScreen())), FETCH_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <ErrorBoundary key={location}>
      <Suspense
        fallback={
          <Page title="One moment">
            <Loading what="the screen" />
          </Page>
        }
      >
        <Switch>
          <Route path="/">
            <OverviewScreen
              decisions={
                <Suspense fallback={null}>
                  <PendingReviews />
                </Suspense>
              }
            />
          </Route>
          <Route path="/recovery">
            <RecoveryScreen />
          </Route>
          <Route path="/recover/at/:second">
            {({ second }) => <RecoverScreen key={second} snapshot={null} incident="" upTo={new Date(decodeURIComponent(second))} />}
          </Route>
          <Route path="/recover/:snapshot?">
            {({ snapshot }) => <RecoverScreen key={snapshot ?? ""} snapshot={snapshot ?? null} incident="" />}
          </Route>
          <Route path="/incidents/:id/recover">{({ id }) => <RecoverScreen key={id} snapshot={null} incident={id} />}</Route>
          <Route path="/rewind">
            <RewindScreen incident="" />
          </Route>
          <Route path="/rewind/between/:from/:to/:tables">
            {({ from, to, tables }) => <RewindScreen key={`${from} ${to}`} incident="" known={knownOf(from, to, tables)} />}
          </Route>
          <Route path="/incidents/:id/rewind">{({ id }) => <RewindScreen key={id} incident={id} />}</Route>
          <Route path="/cut-over/:restored">{({ restored }) => <CutOverScreen key={restored} restored={restored} />}</Route>
          <Route path="/runs/:requestId">
            {({ requestId }) => <RunScreen requestId={requestId} decision={(view) => <RunDecision view={view} />} details={detailsOf} />}
          </Route>
          <Route path="/alerts">
            <AlertsScreen />
          </Route>
          <Route path="/alerts/:id">{({ id }) => <AlertScreen key={id} id={id} />}</Route>
          <Route path="/incidents/:id">{({ id }) => <IncidentScreen id={id} />}</Route>
          <Route path="/migrations">
            <MigrationsScreen />
          </Route>
          <Route path="/migrations/guards">
            <GuardsScreen />
          </Route>
          <Route path="/ledger">
            <LedgerScreen />
          </Route>
          <Route path="/token">
            <TokenScreen />
          </Route>
          <Route>
            <Redirect to="/" />
          </Route>
        </Switch>
      </Suspense>
    </ErrorBoundary>
  );
}

function knownOf(from: string, to: string, tables: string) {
  return { from: decodeURIComponent(from), to: decodeURIComponent(to), tables: decodeURIComponent(tables).split(",") };
}

/** What only this kind of work has to show of its run. */
function detailsOf(view: WorkView): ReactNode {
  if (view.work === "rewind") return <RewindRun view={view} />;
  if (view.work === "cut-over") return <CutOverRun view={view} />;
  if (view.work === "migrate") return <MigrationDetails view={view} />;
  return null;
}

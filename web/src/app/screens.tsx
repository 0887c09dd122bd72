import { lazy, Suspense } from "react";
import { Redirect, Route, Switch } from "wouter";
import { Loading } from "../components/notice.tsx";
import { OverviewScreen } from "../features/overview/overview-screen.tsx";

// The overview is what a person waits for; the others are fetched while it is read.
const RecoveryScreen = lazy(async () => ({ default: (await import("../features/recovery/recovery-screen.tsx")).RecoveryScreen }));
const RecoverScreen = lazy(async () => ({ default: (await import("../features/recovery/recover-screen.tsx")).RecoverScreen }));
const RunScreen = lazy(async () => ({ default: (await import("../features/recovery/run-screen.tsx")).RunScreen }));
const LedgerScreen = lazy(async () => ({ default: (await import("../features/ledger/ledger-screen.tsx")).LedgerScreen }));
const TokenScreen = lazy(async () => ({ default: (await import("../features/sign-in/token-screen.tsx")).TokenScreen }));

export function Screens() {
  return (
    <Suspense fallback={<Loading what="the screen" />}>
      <Switch>
        <Route path="/">
          <OverviewScreen />
        </Route>
        <Route path="/recovery">
          <RecoveryScreen />
        </Route>
        <Route path="/recover/:snapshot?">{({ snapshot }) => <RecoverScreen key={snapshot ?? ""} snapshot={snapshot ?? null} />}</Route>
        <Route path="/runs/:requestId">{({ requestId }) => <RunScreen requestId={requestId} />}</Route>
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
  );
}

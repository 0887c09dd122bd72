/** Who may see what: deployment first, then a token, then the frame with its screens. */
import { CSPProvider } from "@base-ui/react/csp-provider";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Router } from "wouter";
import { useHashLocation } from "wouter/use-hash-location";
import { Announcer } from "../components/announcer.tsx";
import { type Deployment, readDeployment } from "../config/deployment.ts";
import { SignInScreen } from "../features/sign-in/sign-in-screen.tsx";
import { explain } from "../lib/api-failure.ts";
import { useSession } from "../lib/session.ts";
import { SystemProvider } from "../lib/system.tsx";
import styles from "./app.module.css";
import { Frame } from "./frame.tsx";
import { Screens } from "./screens.tsx";

export function App() {
  const [deployment, setDeployment] = useState<Deployment | Error | null>(null);
  useEffect(() => {
    readDeployment().then(setDeployment, (error: unknown) => setDeployment(new Error(explain(error).meaning, { cause: error })));
  }, []);
  if (deployment === null) return null;
  if (deployment instanceof Error) {
    return (
      <main className={styles.broken}>
        <h1>Holdfast is not set up here</h1>
        <pre>{deployment.message}</pre>
      </main>
    );
  }
  return (
    <CSPProvider disableStyleElements>
      <Router hook={useHashLocation}>
        <Announcer />
        <SignedIn deployment={deployment} />
      </Router>
    </CSPProvider>
  );
}

function SignedIn({ deployment }: { readonly deployment: Deployment }) {
  const session = useSession();
  if (session === null) return <SignInScreen deployment={deployment} />;
  // The key ends everything that one token has read when another signs in.
  return <SessionQueries key={session.token} deployment={deployment} session={session} />;
}

function SessionQueries({
  deployment,
  session,
}: {
  readonly deployment: Deployment;
  readonly session: NonNullable<ReturnType<typeof useSession>>;
}) {
  const [queries] = useState(
    () =>
      new QueryClient({
        // What failed once for want of a right or a token fails again; the next poll is the retry.
        defaultOptions: {
          queries: { retry: false, refetchOnWindowFocus: "always", refetchIntervalInBackground: false, networkMode: "always" },
        },
      }),
  );
  useEffect(() => () => queries.clear(), [queries]);
  return (
    <QueryClientProvider client={queries}>
      <SystemProvider deployment={deployment} session={session}>
        <Frame>
          <Screens />
        </Frame>
      </SystemProvider>
    </QueryClientProvider>
  );
}

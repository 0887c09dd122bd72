import { useState } from "react";
import { Button } from "../../components/button.tsx";
import { Facts } from "../../components/facts.tsx";
import { Failure } from "../../components/notice.tsx";
import { Page } from "../../components/page.tsx";
import { RightsTable } from "../../components/rights-table.tsx";
import { Section } from "../../components/section.tsx";
import { signOut } from "../../lib/session.ts";
import { useSystem } from "../../lib/system.tsx";
import styles from "./token.module.css";

/** Whose token this is, what it can do, and the two ways to be rid of it. */
export function TokenScreen() {
  const { deployment, session } = useSystem();
  const { check, kept } = session;
  return (
    <Page title="Token" actions={<Button onClick={() => signOut(deployment)}>Log out</Button>}>
      <Facts
        facts={[
          { name: "Signed in as", value: <strong>{check.login}</strong> },
          {
            name: "Repository",
            value: (
              <code>
                {deployment.owner}/{deployment.repository}
              </code>
            ),
          },
          {
            name: "Kept in",
            value: kept === "tab" ? "this tab, until it is closed" : "this page's memory, until it is closed or reloaded",
          },
          ...(check.wideScopes === null
            ? []
            : [{ name: "Kind", value: `a classic token with the scopes ${check.wideScopes}: wider than needed` }]),
        ]}
      />
      <RightsTable check={check} />
      <Revoke />
    </Page>
  );
}

function Revoke() {
  const { deployment, session } = useSystem();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const revoke = async () => {
    setBusy(true);
    try {
      const { revokeToken } = await import("../../lib/octokit-client.ts");
      await revokeToken(deployment.apiUrl, session.token);
      signOut(deployment);
    } catch (error) {
      setFailure(error);
      setBusy(false);
    }
  };
  return (
    <Section title="Lost or leaked?">
      <p className={styles.text}>
        Revoking ends this token everywhere at once, not only here. It cannot be undone; make a new one to sign in again.
      </p>
      <div>
        <Button onClick={() => void revoke()} blocked={busy ? "Asking GitHub to revoke it…" : null}>
          Revoke this token
        </Button>
      </div>
      {failure === null ? null : <Failure what="The token was not revoked" error={failure} />}
    </Section>
  );
}

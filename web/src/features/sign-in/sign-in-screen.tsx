/** The way in: a token, kept in memory, checked before anything is needed from it. */
import { type FormEvent, useEffect, useState } from "react";
import { Button } from "../../components/button.tsx";
import { Field } from "../../components/field.tsx";
import { Failure, Loading, Notice } from "../../components/notice.tsx";
import { RightsTable } from "../../components/rights-table.tsx";
import type { Deployment } from "../../config/deployment.ts";
import { keptToken, type Session, signIn, signOut } from "../../lib/session.ts";
import { canRead, isComplete, RIGHTS } from "../../lib/token-rights.ts";
import { openSession } from "./open-session.ts";
import styles from "./sign-in.module.css";

type Step =
  | { readonly kind: "asking"; readonly failure: unknown }
  | { readonly kind: "checking"; readonly resumed: boolean }
  | { readonly kind: "checked"; readonly session: Session };

export function SignInScreen({ deployment }: { readonly deployment: Deployment }) {
  const [step, setStep] = useState<Step>(() =>
    keptToken(deployment) === null ? { kind: "asking", failure: null } : { kind: "checking", resumed: true },
  );
  const [token, setToken] = useState("");
  const [keep, setKeep] = useState(false);

  const check = async (text: string, kept: Session["kept"]) => {
    try {
      const session = await openSession(deployment, text, kept);
      if (isComplete(session.check) || step.kind === "checking") signIn(deployment, session);
      else setStep({ kind: "checked", session });
    } catch (failure) {
      signOut(deployment);
      setStep({ kind: "asking", failure });
    }
  };

  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the tab is opened again
  useEffect(() => {
    document.title = "Sign in · Holdfast";
    // The first answer of Octokit should not wait for its code.
    void import("../../lib/octokit-client.ts");
    const kept = keptToken(deployment);
    if (kept !== null) void check(kept, "tab");
  }, []);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (step.kind === "checking" || token.trim() === "") return;
    setStep({ kind: "checking", resumed: false });
    void check(token.trim(), keep ? "tab" : "memory");
  };

  if (step.kind === "checking" && step.resumed) return <Loading what="the token kept in this tab" />;
  return (
    <main className={styles.screen}>
      <p className={styles.brand}>Holdfast</p>
      <h1>Sign in</h1>
      <p className={styles.repository}>
        The control panel of{" "}
        <code>
          {deployment.owner}/{deployment.repository}
        </code>
      </p>
      {step.kind === "checked" ? (
        <Checked
          session={step.session}
          onContinue={() => signIn(deployment, step.session)}
          onBack={() => setStep({ kind: "asking", failure: null })}
        />
      ) : (
        <>
          <form className={styles.form} onSubmit={submit}>
            <Field
              label="GitHub token"
              type="password"
              mono
              required
              autoComplete="current-password"
              spellCheck={false}
              value={token}
              onChange={(event) => setToken(event.target.value)}
              hint="A fine-grained personal access token for this one repository. It stays in this page's memory and is gone when the page is closed."
            />
            <label className={styles.keep}>
              <input type="checkbox" checked={keep} onChange={(event) => setKeep(event.target.checked)} />
              Keep it for this tab, so that a reload does not ask again
            </label>
            <Button type="submit" tone="primary" blocked={step.kind === "checking" ? "Asking GitHub what the token can do…" : null}>
              Sign in
            </Button>
          </form>
          {step.kind === "asking" && step.failure !== null ? <Failure what="The token cannot be used" error={step.failure} /> : null}
          <TokenHelp deployment={deployment} />
        </>
      )}
    </main>
  );
}

interface CheckedProps {
  readonly session: Session;
  readonly onContinue: () => void;
  readonly onBack: () => void;
}

function Checked({ session, onContinue, onBack }: CheckedProps) {
  const { check } = session;
  const readable = canRead(check);
  return (
    <div className={styles.form}>
      <p>
        Signed in as <strong>{check.login}</strong>, but the token does not do everything this panel is for.
      </p>
      <RightsTable check={check} />
      {check.wideScopes === null ? null : <WideToken scopes={check.wideScopes} />}
      <div className={styles.actions}>
        <Button tone="primary" onClick={onContinue} blocked={readable ? null : "Without reading the repository there is nothing to show."}>
          Continue with these rights
        </Button>
        <Button onClick={onBack}>Use another token</Button>
      </div>
    </div>
  );
}

function WideToken({ scopes }: { readonly scopes: string }) {
  return (
    <Notice kind="warning" title="This is a classic token">
      <p>
        Its scopes (<code>{scopes}</code>) reach every repository of yours. A fine-grained token for this repository alone limits what a
        leak could do.
      </p>
    </Notice>
  );
}

function TokenHelp({ deployment }: { readonly deployment: Deployment }) {
  const link = templateLink(deployment);
  return (
    <details className={styles.help}>
      <summary>What the token needs</summary>
      <p>
        Resource owner <code>{deployment.owner}</code>, repository <code>{deployment.repository}</code> only, an expiry of at most 90 days,
        and these permissions:
      </p>
      <ul>
        {RIGHTS.map((right) => (
          <li key={right.id}>
            <code>{right.permission}</code> to {right.allows}
          </li>
        ))}
      </ul>
      <p>Never Contents: write, Workflows, Secrets or Administration.</p>
      {link === null ? null : (
        <p>
          <a href={link} target="_blank" rel="noreferrer">
            Open GitHub's form with these filled in
          </a>{" "}
          (check them against this list: GitHub no longer documents the link).
        </p>
      )}
    </details>
  );
}

/** Only github.com is known to understand it. */
function templateLink({ apiUrl, owner, repository }: Deployment): string | null {
  if (apiUrl !== "https://api.github.com") return null;
  const query = new URLSearchParams({
    name: `Holdfast ${repository}`,
    target_name: owner,
    expires_in: "90",
    contents: "read",
    actions: "write",
  });
  return `https://github.com/settings/personal-access-tokens/new?${query}`;
}

import { guideOf } from "@holdfast/actions/domain";
import { Section } from "../../components/section.tsx";
import { runbookLink } from "../../lib/runbook-link.ts";
import { useSystem } from "../../lib/system.tsx";
import { visibleText } from "../../lib/visible-text.ts";
import styles from "./alerts.module.css";

/** What the rule says about itself: what it means, what usually causes it, what to do first. A team's own rule speaks through holdfast.yml. */
export function Meaning({ rule }: { readonly rule: string }) {
  const { config } = useSystem();
  const { explanation, causes, steps, runbook } = guideOf(rule, config.value?.rules);
  return (
    <Section title="What it means">
      <p>{visibleText(explanation)}</p>
      <h3>What to do first</h3>
      <ol className={styles.steps}>
        {steps.map((step) => (
          <li key={step}>{visibleText(step)}</li>
        ))}
      </ol>
      {causes.length === 0 ? null : (
        <>
          <h3>What usually causes it</h3>
          <ul className={styles.causes}>
            {causes.map((cause) => (
              <li key={cause}>{visibleText(cause)}</li>
            ))}
          </ul>
        </>
      )}
      {runbook === null ? null : <Runbook at={runbook} />}
    </Section>
  );
}

function Runbook({ at }: { readonly at: string }) {
  const { deployment } = useSystem();
  const link = runbookLink(at, deployment);
  return (
    <p>
      Runbook:{" "}
      {link === null ? (
        <code>{visibleText(at)}</code>
      ) : (
        <a className={styles.runbook} href={link} target="_blank" rel="noreferrer">
          {visibleText(at)}
        </a>
      )}
    </p>
  );
}

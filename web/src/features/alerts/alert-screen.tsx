/** One alert on one page: what it means, what caused it, the lines themselves, what else happened then, and what to do next. */
import type { AlertView } from "@holdfast/actions/domain";
import { useEffect, useRef } from "react";
import { AlertSign } from "../../components/alert-summary.tsx";
import { CopyButton } from "../../components/copy-button.tsx";
import { LinkButton } from "../../components/link-button.tsx";
import { Empty, Failure, Loading, Notice } from "../../components/notice.tsx";
import { Page } from "../../components/page.tsx";
import { Section } from "../../components/section.tsx";
import { alertSentence, alertTitle, statusWords } from "../../lib/alert-words.ts";
import { announce } from "../../lib/announce.ts";
import { useSystem } from "../../lib/system.tsx";
import { useAlerts } from "../../lib/use-alerts.ts";
import { visibleText } from "../../lib/visible-text.ts";
import { isActive } from "../../lib/work.ts";
import { AcknowledgeAlert } from "./acknowledge-alert.tsx";
import { AlertFacts } from "./alert-facts.tsx";
import styles from "./alerts.module.css";
import { AnswersUnderWay } from "./answers-under-way.tsx";
import { Around } from "./around.tsx";
import { Excerpt } from "./excerpt.tsx";
import { Meaning } from "./meaning.tsx";
import { ResolveAlert } from "./resolve-alert.tsx";
import { Suppress } from "./suppress.tsx";

export function AlertScreen({ id }: { readonly id: string }) {
  const { ledger, refresh } = useSystem();
  const known = useAlerts();
  const view = known?.alerts.find((each) => each.alert.id === id);
  if (view !== undefined) return <OneAlert view={view} />;
  if (known === null) {
    return (
      <Page title="Alert">
        {ledger.error === null ? (
          <Loading what="the ledger" />
        ) : (
          <Failure what="The ledger cannot be read" error={ledger.error} onRetry={refresh} />
        )}
      </Page>
    );
  }
  return (
    <Page title="Alert" actions={<LinkButton to="/alerts">All alerts</LinkButton>}>
      <Empty title="The ledger knows no such alert">
        <p>
          No entry tells of <code>{visibleText(id)}</code>. An alert that was sent a moment ago appears here as soon as its collector has
          published it; while GitHub is away the collector keeps it.
        </p>
      </Empty>
    </Page>
  );
}

function OneAlert({ view }: { readonly view: AlertView }) {
  const { id, app, rule, excerpt, line } = view.alert;
  const { work } = useSystem();
  // A reloaded page must not offer again what is under way.
  const onItsWay = work.some((each) => each.answer === "acknowledge" && each.target === id && isActive(each));
  useStatus(view);
  return (
    <Page
      title={alertTitle(view)}
      actions={
        <>
          {view.resolved === null ? <ResolveAlert view={view} /> : null}
          <Suppress kind="silence" matcher={{ rule, ...(app === null ? {} : { app }) }} />
          <LinkButton to={`/incidents/${encodeURIComponent(id)}/rewind`}>Rewind the damaged rows…</LinkButton>
          <LinkButton to={`/incidents/${encodeURIComponent(id)}/recover`} tone={view.status === "open" ? "plain" : "primary"}>
            Restore to just before…
          </LinkButton>
        </>
      }
    >
      <div className={styles.status}>
        <AlertSign view={view} />
        <strong>{view.alert.severity}</strong>
        <span>{alertSentence(view)}</span>
      </div>
      <Told view={view} />
      <AnswersUnderWay about={id} />
      {view.status === "open" && !onItsWay ? <AcknowledgeAlert view={view} /> : null}
      <div className={styles.columns}>
        <Meaning rule={rule} />
        <Section title="What was counted">
          <AlertFacts view={view} />
          <div>
            <CopyButton text={id} label="Copy the alert's id" />
          </div>
        </Section>
      </div>
      <Excerpt lines={excerpt} crossing={line} />
      <Around view={view} />
    </Page>
  );
}

/** What people have said of it, and what hid it. */
function Told({ view }: { readonly view: AlertView }) {
  const { acknowledged, resolved, status, mutedBy } = view;
  return (
    <>
      {status === "hidden" ? (
        <Notice kind="warning" title="Nobody was told of this alert">
          <p>
            {mutedBy === null
              ? visibleText(`A silence, or an override that its own log declared, kept it from people: ${view.alert.hiddenBy}.`)
              : `The ${mutedBy.kind} of ${visibleText(mutedBy.by)} keeps it from people: ${visibleText(mutedBy.reason)}`}
          </p>
        </Notice>
      ) : null}
      {view.alert.withdrawn === undefined ? null : (
        <Notice kind="info" title="Withdrawn: late lines showed that it was no episode of its own">
          <p>{visibleText(view.alert.withdrawn)}</p>
        </Notice>
      )}
      {acknowledged === null ? null : <Said verb="Acknowledged" by={acknowledged.by} note={acknowledged.note} />}
      {resolved === null ? null : <Said verb="Resolved" by={resolved.by} note={resolved.note} />}
    </>
  );
}

function Said({ verb, by, note }: { readonly verb: string; readonly by: string; readonly note: string }) {
  return (
    <p>
      {verb} by <strong>{visibleText(by)}</strong>: {visibleText(note)}
    </p>
  );
}

/** How it stands is said aloud when that changes. */
function useStatus(view: AlertView) {
  const said = useRef<string | null>(null);
  const text = `${alertTitle(view)}: ${statusWords(view)}.`;
  useEffect(() => {
    if (said.current !== null && said.current !== text) announce(text);
    said.current = text;
  }, [text]);
}

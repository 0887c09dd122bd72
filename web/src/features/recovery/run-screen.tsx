/** One piece of work, live: its steps as the ledger gets them, and GitHub's run where the ledger is still or already silent. */
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useEffect, useRef } from "react";
import { Link } from "wouter";
import { type Fact, Facts } from "../../components/facts.tsx";
import { Instant } from "../../components/instant.tsx";
import { LinkButton } from "../../components/link-button.tsx";
import { Empty, Failure, Loading } from "../../components/notice.tsx";
import { Page } from "../../components/page.tsx";
import { Section } from "../../components/section.tsx";
import { StepList } from "../../components/step-list.tsx";
import { WORK_STATES, WorkStateSign, workTitle } from "../../components/work-summary.tsx";
import { announce } from "../../lib/announce.ts";
import { useSystem } from "../../lib/system.tsx";
import { visibleText } from "../../lib/visible-text.ts";
import { isActive, isRunning, type WorkView } from "../../lib/work.ts";
import styles from "./run.module.css";
import { RunOutcome } from "./run-outcome.tsx";

interface RunScreenProps {
  readonly requestId: string;
  /** The decision that a run waits for, and those that were made. */
  readonly decision: (view: WorkView) => ReactNode;
  /** What only this kind of work has to show. */
  readonly details: (view: WorkView) => ReactNode;
}

export function RunScreen({ requestId, decision, details }: RunScreenProps) {
  const { work, sent, ledger, runs, refresh } = useSystem();
  const view = work.find((each) => each.requestId === requestId);
  const waiting = sent.find((each) => each.requestId === requestId);
  if (view) return <Work view={view} decision={decision(view)} details={details(view)} />;
  if (waiting) {
    return (
      <Page title={waiting.title} tabTitle={`Sent: ${waiting.title}`}>
        <Section title="Steps">
          <p>
            Sent <Instant at={waiting.at} />, waiting for GitHub to list the run.{" "}
            {waiting.url === null ? null : <RunLink url={waiting.url} />}
          </p>
        </Section>
      </Page>
    );
  }
  if (ledger.value === undefined || runs.value === undefined) {
    const error = ledger.error ?? runs.error;
    return (
      <Page title="Request">
        {error === null ? (
          <Loading what="ledger and runs" />
        ) : (
          <Failure what="The request cannot be read" error={error} onRetry={refresh} />
        )}
      </Page>
    );
  }
  return (
    <Page title="Request">
      <Empty title="No such request">
        <p>
          Neither the ledger nor the newest runs know <code>{requestId}</code>. A request sent seconds ago appears here as soon as GitHub
          lists it.
        </p>
      </Empty>
    </Page>
  );
}

interface WorkProps {
  readonly view: WorkView;
  readonly decision: ReactNode;
  readonly details: ReactNode;
}

function Work({ view, decision, details }: WorkProps) {
  const title = workTitle(view);
  const done = view.steps.filter((each) => each.state === "done").length;
  useSteps(view);
  return (
    <Page
      title={title}
      tabTitle={isActive(view) ? `(${done}/${view.steps.length}) ${title}` : `${WORK_STATES[view.state]}: ${title}`}
      actions={
        view.work === "respond" ? (
          <LinkButton to="/alerts">All alerts</LinkButton>
        ) : view.work === "migrate" ? (
          <LinkButton to="/migrations">All migrations</LinkButton>
        ) : (
          <LinkButton to="/recovery">All recovery points</LinkButton>
        )
      }
    >
      <div className={styles.state}>
        <WorkStateSign state={view.state} />
      </div>
      {decision}
      <div className={styles.columns}>
        <Section title="Steps">
          <AtGitHub view={view} />
          <StepList steps={view.steps} label={`Steps of ${title}`} />
        </Section>
        <Section title="Who and why">
          <Facts facts={factsOf(view)} />
        </Section>
      </div>
      <RunOutcome view={view} />
      {details}
    </Page>
  );
}

const TARGETS = {
  snapshot: "Snapshot",
  restore: "New cluster",
  rewind: "Tables",
  cleanup: "Removed",
  hold: "Snapshot",
  "cut-over": "Restored cluster",
  migrate: "Taken back from",
  respond: "About",
} as const;

function factsOf(view: WorkView): readonly Fact[] {
  return [
    { name: "Asked by", value: visibleText(view.actor) },
    { name: "Reason", value: view.reason === null ? "not recorded yet" : visibleText(view.reason) },
    { name: "Asked at", value: <Instant at={view.askedAt} relative /> },
    ...(view.cluster === null ? [] : [{ name: "Cluster", value: <code>{view.cluster}</code> }]),
    ...(view.target === null ? [] : [{ name: TARGETS[view.work], value: <code>{visibleText(view.target)}</code> }]),
    ...(view.point === null
      ? []
      : [
          {
            name: "From",
            value: "snapshot" in view.point ? <code>{visibleText(view.point.snapshot)}</code> : <Instant at={new Date(view.point.time)} />,
          },
        ]),
    ...(view.incident === null
      ? []
      : [{ name: "Incident", value: <Link href={`/incidents/${encodeURIComponent(view.incident)}`}>{visibleText(view.incident)}</Link> }]),
    { name: "Request", value: <code>{view.requestId}</code> },
  ];
}

/** Before the first entry and after the last one only the run itself tells what is going on. */
function AtGitHub({ view }: { readonly view: WorkView }) {
  const { session } = useSystem();
  const { run } = view;
  const runId = run?.id ?? 0;
  const running = run !== null && isRunning(run);
  const jobs = useQuery({
    queryKey: ["jobs", runId],
    queryFn: () => session.github.jobs(runId),
    enabled: run !== null,
    refetchInterval: running ? 5_000 : false,
  });
  if (run === null) return <p className={styles.github}>GitHub's run is not among the newest ones any more.</p>;
  return (
    <div className={styles.github}>
      <p>
        GitHub: {words(run.status, run.conclusion)} <RunLink url={run.url} />
      </p>
      {jobs.data === undefined || jobs.data.length === 0 ? null : (
        <ul aria-label="Jobs at GitHub">
          {jobs.data.map((job) => (
            <li key={job.name}>
              {visibleText(job.name)}: {words(job.status, job.conclusion)}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function words(status: string, conclusion: string | null): string {
  return (conclusion ?? status).replaceAll("_", " ");
}

function RunLink({ url }: { readonly url: string }) {
  return (
    <a href={url} target="_blank" rel="noreferrer">
      Open the run on GitHub
    </a>
  );
}

/** Steps are said aloud when they change; ticking seconds are not. */
function useSteps(view: WorkView) {
  const done = view.steps.findLast((each) => each.state === "done");
  const said = useRef<string | null>(null);
  const text = `${workTitle(view)}: ${WORK_STATES[view.state]}${done === undefined ? "" : `, ${done.label}`}.`;
  useEffect(() => {
    if (said.current !== null && said.current !== text) announce(text);
    said.current = text;
  }, [text]);
}

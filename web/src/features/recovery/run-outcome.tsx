import { CopyButton } from "../../components/copy-button.tsx";
import { type Fact, Facts } from "../../components/facts.tsx";
import { Sign } from "../../components/icons.tsx";
import { LinkButton } from "../../components/link-button.tsx";
import { Notice } from "../../components/notice.tsx";
import { Section } from "../../components/section.tsx";
import { type KnownData, readData } from "../../lib/entry-data.ts";
import { showDuration } from "../../lib/show-instant.ts";
import { useSystem } from "../../lib/system.tsx";
import { visibleText } from "../../lib/visible-text.ts";
import type { WorkView } from "../../lib/work.ts";
import styles from "./run.module.css";

const WENT_NO_FURTHER = "The steps above were done before people were asked; nothing that anybody uses was changed.";

/** How it ended: what was proven and where it is, or what exists now and what to do. */
export function RunOutcome({ view }: { readonly view: WorkView }) {
  const begun = view.steps.some((step) => step.state === "done");
  if (view.state === "lost") {
    return (
      <Notice kind="problem" title="The run is over, and the ledger does not say how it ended">
        <p>
          What exists now is unknown. Read the run's log on GitHub, then look in AWS for what was being made before anything is started
          again.
        </p>
      </Notice>
    );
  }
  if (view.state === "rejected") {
    return (
      <Notice kind="problem" title={begun ? "Rejected: it went no further" : "Rejected: nothing was started"}>
        <p>
          {begun ? WENT_NO_FURTHER : "A reviewer said no before the work began, so nothing was made and nothing is left behind."} To ask
          again, send a new request.
        </p>
      </Notice>
    );
  }
  if (view.state === "lapsed") {
    return (
      <Notice kind="problem" title={begun ? "Over before a person let it go on" : "Over before it began: nothing was started"}>
        <p>
          Nobody rejected it: somebody cancelled it, or nobody let it in within GitHub's 30 days.{" "}
          {begun ? WENT_NO_FURTHER : "Nothing was made and nothing is left behind."} To ask again, send a new request.
        </p>
      </Notice>
    );
  }
  if (view.ending !== null) return <Ended view={view} data={readData(view.ending)} />;
  const completed = view.entries.find((entry) => entry.kind === `${view.work}.completed`);
  return completed === undefined ? null : <Completed view={view} data={readData(completed)} checks={checksOf(view)} />;
}

interface CompletedProps {
  readonly view: WorkView;
  readonly data: KnownData;
  readonly checks: NonNullable<KnownData["checks"]>;
}

function Completed({ view, data, checks }: CompletedProps) {
  const facts: Fact[] = [
    ...(data.durationSeconds === undefined ? [] : [{ name: "Duration", value: showDuration(data.durationSeconds * 1000) }]),
    ...(data.endpoint === undefined
      ? []
      : [
          {
            name: "Endpoint",
            value: (
              <>
                <code>{visibleText(data.endpoint)}</code> <CopyButton text={data.endpoint} label="Copy the endpoint" iconOnly />
              </>
            ),
          },
        ]),
    ...(data.kept === undefined ? [] : [{ name: "The old cluster", value: <code>{visibleText(data.kept)}</code> }]),
    ...(data.finalSnapshot === undefined ? [] : [{ name: "Last snapshot of it", value: <code>{visibleText(data.finalSnapshot)}</code> }]),
    ...(data.appVersion === undefined ? [] : [{ name: "Application version", value: visibleText(data.appVersion) }]),
  ];
  return (
    <Section title="Result" boxed>
      <Facts facts={facts} />
      {checks.length === 0 ? null : (
        <ul className={styles.checks} aria-label="Integrity checks">
          {checks.map((check) => (
            <li key={check.name}>
              <Sign name={check.ok ? "done" : "stopped"} /> {visibleText(check.name)}: {check.ok ? "passed" : "failed"}
            </li>
          ))}
        </ul>
      )}
      {view.work === "rewind" ? (
        <p>
          {view.cluster} has its rows back. What was written since stayed as it is. The safety snapshot from before stays until a person
          lets it go.
        </p>
      ) : null}
      {view.work === "restore" ? (
        <p>
          {view.cluster} was not touched. Compare the data in the new cluster, then point the application at its endpoint, or put it in the
          place of {view.cluster}; remove the new cluster when it is no longer needed, because it costs.
        </p>
      ) : null}
      {view.work === "restore" && view.target !== null ? <TakeItsPlace restored={view.target} cluster={view.cluster ?? ""} /> : null}
    </Section>
  );
}

/** Only what still exists can take the place of the live one. */
function TakeItsPlace({ restored, cluster }: { readonly restored: string; readonly cluster: string }) {
  const { inventory } = useSystem();
  const view = inventory.value?.clusters.find((each) => each.id === cluster);
  if (!view?.restored.some((each) => each.id === restored)) return null;
  return (
    <div>
      <LinkButton to={`/cut-over/${restored}`}>Put it in the live one's place…</LinkButton>
    </div>
  );
}

function Ended({ view, data }: { readonly view: WorkView; readonly data: KnownData }) {
  const reason = view.ending?.reason ?? "";
  return (
    <Notice
      kind="problem"
      title={view.state === "refused" ? `Refused: nothing was ${view.work === "respond" ? "recorded" : "started"}` : "Failed"}
    >
      <p className={styles.problem}>{visibleText(data.problem ?? reason)}</p>
      {data.exists === undefined ? null : (
        <p>{data.exists.length === 0 ? "Nothing was left behind." : `What exists now: ${visibleText(data.exists.join(" "))}`}</p>
      )}
      {data.next === undefined ? null : (
        <p>
          <strong>What to do:</strong> {visibleText(data.next)}
        </p>
      )}
    </Notice>
  );
}

function checksOf(view: WorkView): NonNullable<KnownData["checks"]> {
  return view.entries.map((entry) => readData(entry).checks).findLast((checks) => checks !== undefined) ?? [];
}

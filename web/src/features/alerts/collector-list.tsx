import type { CollectorHealth, ReasonCode, SourceHealth } from "@holdfast/actions/domain";
import { StateIcon } from "../../components/icons.tsx";
import { Instant } from "../../components/instant.tsx";
import { Empty, Failure, Loading } from "../../components/notice.tsx";
import { ReasonList } from "../../components/reason-list.tsx";
import { Section } from "../../components/section.tsx";
import { counted } from "../../lib/counted.ts";
import { showDuration } from "../../lib/show-instant.ts";
import { useSystem } from "../../lib/system.tsx";
import { visibleText } from "../../lib/visible-text.ts";
import styles from "./alerts.module.css";

const ABOUT_WATCHING: readonly ReasonCode[] = [
  "nobody-watches",
  "watch-unread",
  "collector-silent",
  "source-silent",
  "lines-lost",
  "watch-behind",
  "canary-missing",
  "notices-failed",
];

/** Who watches, how far behind, and what was lost: the same reasons as in the headline, then what each collector says of itself. */
export function CollectorList() {
  const { collectors, cluster, stateOf, refresh } = useSystem();
  const reasons = (cluster === null ? null : stateOf(cluster))?.reasons.filter((each) => ABOUT_WATCHING.includes(each.code)) ?? [];
  return (
    <Section title="Who watches">
      <ReasonList label="What is wrong with the watching" reasons={reasons} here />
      {collectors.value === undefined ? (
        collectors.error === null ? (
          <Loading what="what the collectors report" />
        ) : (
          <Failure what="What the collectors report cannot be read" error={collectors.error} onRetry={refresh} />
        )
      ) : collectors.value.length === 0 ? (
        <Empty title="No collector has reported">
          <p>
            A collector runs beside the containers, follows their logs and reports here every minute. Until one does, calm here is no calm.
          </p>
        </Empty>
      ) : (
        collectors.value.map((each) => <Collector key={each.collector} health={each} />)
      )}
    </Section>
  );
}

function Collector({ health }: { readonly health: CollectorHealth }) {
  const { collector, at, startedAt, sources, notices, spooled } = health;
  return (
    <article className={styles.collector} aria-label={`Collector ${visibleText(collector)}`}>
      <h3>{visibleText(collector)}</h3>
      <p className={styles.soft}>
        Last heard of <Instant at={new Date(at)} relative />; runs since <Instant at={new Date(startedAt)} />.{" "}
        {notices.waiting === 0 ? null : `${counted(notices.waiting, "notice")} waiting to be delivered. `}
        {notices.failed === 0 ? null : `${counted(notices.failed, "notice")} given up. `}
        {spooled === 0 ? null : `${counted(spooled, "entry")} waiting for GitHub.`}
      </p>
      <ul className={styles.sources} aria-label={`Sources of ${visibleText(collector)}`}>
        {sources.map((each) => (
          <Source key={each.name} source={each} />
        ))}
      </ul>
    </article>
  );
}

function Source({ source }: { readonly source: SourceHealth }) {
  const { name, app, cluster, following, lastLineAt, lastHour, lagMs, clockSkewMs, canary } = source;
  const losses = [
    ...(lastHour.dropped === 0 ? [] : [`${counted(lastHour.dropped, "line")} lost`]),
    ...(lastHour.unreadable === 0 ? [] : [`${counted(lastHour.unreadable, "line")} not understood`]),
    ...(lastHour.late === 0 ? [] : [`${counted(lastHour.late, "line")} too late`]),
  ];
  return (
    <li className={styles.source}>
      <p>
        <code>{visibleText(name)}</code> <span className={styles.soft}>{visibleText(app ?? cluster ?? "of no app")}</span>
      </p>
      <p className={styles.health} data-state={following ? "normal" : "degraded"}>
        <StateIcon state={following ? "normal" : "degraded"} />
        {following ? "followed" : "not followed"}
        {lagMs === null ? null : `, ${showDuration(Math.max(0, lagMs))} behind`}
      </p>
      <p className={styles.soft}>
        {counted(lastHour.lines, "line")} in the last hour
        {losses.length === 0 ? ", none lost" : null}
        {losses.length === 0 ? null : (
          <>
            , <strong className={styles.loss}>{losses.join(", ")}</strong>
          </>
        )}
        {clockSkewMs === null || Math.abs(clockSkewMs) < 1_000 ? null : `; its clock is ${showDuration(Math.abs(clockSkewMs))} off`}
      </p>
      <p className={styles.soft}>
        {lastLineAt === null ? (
          "no line yet"
        ) : (
          <>
            last line <Instant at={new Date(lastLineAt)} relative />
          </>
        )}
        {canary === null ? null : (
          <>
            ; canary seen <Instant at={new Date(canary.seenAt)} />
          </>
        )}
      </p>
    </li>
  );
}

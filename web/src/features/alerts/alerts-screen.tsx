/** Every alert, what hides some of them and what that has cost so far, and who watches: whether calm is calm or blindness. */
import type { AlertView, Suppression } from "@holdfast/actions/domain";
import { useState } from "react";
import { AlertSummary } from "../../components/alert-summary.tsx";
import { Button } from "../../components/button.tsx";
import { Empty, Failure, Loading } from "../../components/notice.tsx";
import { Page } from "../../components/page.tsx";
import { Section } from "../../components/section.tsx";
import { alertRate } from "../../lib/alert-rate.ts";
import { needsSomebody, ruleTitle } from "../../lib/alert-words.ts";
import { filterAlerts } from "../../lib/filter-alerts.ts";
import { groupStorms } from "../../lib/group-storms.ts";
import { useSystem } from "../../lib/system.tsx";
import { useAlerts } from "../../lib/use-alerts.ts";
import { useNow } from "../../lib/use-now.ts";
import { visibleText } from "../../lib/visible-text.ts";
import styles from "./alerts.module.css";
import { AnswersUnderWay } from "./answers-under-way.tsx";
import { CollectorList } from "./collector-list.tsx";
import { FilterBar } from "./filter-bar.tsx";
import { Suppress } from "./suppress.tsx";
import { SuppressionList } from "./suppression-list.tsx";
import { useFilter } from "./use-filter.ts";

// A few screens at a time.
const PAGE = 50;
const RATE_TICK_MS = 60_000;

export function AlertsScreen() {
  const { ledger, refresh } = useSystem();
  const known = useAlerts();
  if (known === null) {
    return (
      <Page title="Alerts">
        {ledger.error === null ? (
          <Loading what="the ledger" />
        ) : (
          <Failure what="The ledger cannot be read" error={ledger.error} onRetry={refresh} />
        )}
      </Page>
    );
  }
  const todo = known.alerts.filter(needsSomebody).length;
  return (
    <Page
      title={todo === 0 ? "Alerts: none needs anybody" : `Alerts: ${todo} ${todo === 1 ? "needs" : "need"} somebody`}
      tabTitle={todo === 0 ? "Alerts" : `(${todo}) Alerts`}
      actions={
        <>
          <Suppress kind="silence" matcher={{}} />
          <Suppress kind="override" matcher={{}} />
        </>
      }
    >
      <AnswersUnderWay />
      <Suppressions suppressions={known.suppressions} />
      <AlertList alerts={known.alerts} />
      <CollectorList />
    </Page>
  );
}

function Suppressions({ suppressions }: { readonly suppressions: readonly Suppression[] }) {
  return (
    <SuppressionList
      inForce={suppressions.filter((each) => each.ended === null)}
      over={suppressions.filter((each) => each.ended !== null)}
    />
  );
}

function AlertList({ alerts }: { readonly alerts: readonly AlertView[] }) {
  const [filter, setFilter] = useFilter();
  const [shown, setShown] = useState(PAGE);
  const now = useNow(RATE_TICK_MS);
  const found = filterAlerts(alerts, filter);
  const rows = groupStorms(found);
  return (
    <Section title={`Alerts (${found.length} of ${alerts.length})`}>
      {alerts.length === 0 ? (
        <Empty title="There was no alert yet">
          <p>What a collector or the scheduled pass detects is listed here, newest first. Below stands whether anybody watches.</p>
        </Empty>
      ) : (
        <>
          <p>{alertRate(alerts, now)}</p>
          <FilterBar alerts={alerts} filter={filter} onFilter={setFilter} />
          {found.length === 0 ? <p>No alert fits this choice.</p> : null}
          <ul aria-label="Alerts">
            {rows
              .slice(0, shown)
              .map((row) =>
                row.kind === "alert" ? (
                  <AlertSummary key={row.newest.alert.id} view={row.newest} />
                ) : (
                  <Storm key={row.newest.alert.id} views={row.views} newest={row.newest} />
                ),
              )}
          </ul>
          {rows.length > shown ? (
            <div>
              <Button onClick={() => setShown(shown + PAGE)}>Show {Math.min(PAGE, rows.length - shown)} older</Button>
            </div>
          ) : null}
        </>
      )}
    </Section>
  );
}

/** Many alerts of one rule at once are one row, with what they have in common. */
function Storm({ views, newest }: { readonly views: readonly AlertView[]; readonly newest: AlertView }) {
  const { rule, app } = newest.alert;
  const keys = new Set(views.map((view) => view.alert.key)).size;
  const [all, setAll] = useState(false);
  return (
    <li className={styles.storm}>
      <details onToggle={(event) => setAll(event.currentTarget.open)}>
        <summary>
          <strong>{visibleText(`${views.length} alerts: ${ruleTitle(rule)}`)}</strong>
          <span className={styles.soft}>
            {visibleText(`${app === null ? "" : `all in ${app}; `}${keys === 1 ? "all for one key" : `for ${keys} different keys`}`)}
          </span>
        </summary>
        {all ? (
          <ul>
            {views.map((view) => (
              <AlertSummary key={view.alert.id} view={view} />
            ))}
          </ul>
        ) : null}
      </details>
    </li>
  );
}

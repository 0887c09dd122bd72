/** What stays and what goes: today, once what may go is gone, and in ninety days, with the reason beside every snapshot that stays. */
import { type Forecast, type Foreseen, forecastRetention } from "@holdfast/actions/domain";
import { useMemo, useState } from "react";
import { Choice } from "../../components/choice.tsx";
import { Instant } from "../../components/instant.tsx";
import { Section } from "../../components/section.tsx";
import { counted } from "../../lib/counted.ts";
import { type CalendarDay, calendarOf } from "../../lib/retention-days.ts";
import type { Retention } from "../../lib/use-retention.ts";
import { visibleText } from "../../lib/visible-text.ts";
import styles from "./retention.module.css";

const VIEWS = [
  { value: "today", name: "Today" },
  { value: "afterPruning", name: "After what may go is gone" },
  { value: "later", name: "In 90 days" },
] as const;
type View = (typeof VIEWS)[number]["value"];

const DAYS = 90;
const WEEKS = 14;
const WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"] as const;

export function RetentionCalendar({ retention }: { readonly retention: Retention }) {
  const { config, snapshots, now } = retention;
  const [view, setView] = useState<View>("today");
  const forecasts = useMemo(
    () => forecastRetention(snapshots, config.retention, config.schedule.snapshot, now, DAYS),
    [config, snapshots, now],
  );
  const shown = forecasts[view];
  const { daily, weekly, monthly } = config.retention;
  return (
    <Section title="Retention">
      <p>
        {daily} daily, {weekly} weekly, {monthly} monthly. What no rule keeps is announced for a day before it is deleted,{" "}
        {config.retention.perRun} at most in a run, and nothing while an incident is open.
      </p>
      <Choice label="Show" value={view} options={VIEWS} onChoose={setView} />
      <Weeks forecast={shown} />
      <ul className={styles.reasons} aria-label="Snapshots and why they stay or go">
        {shown.snapshots.map((each) => (
          <li key={each.id}>
            <strong>{each.keep ? "Stays" : "Goes"}</strong> <Taken foreseen={each} />: {visibleText(each.reasons.join("; "))}
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Taken({ foreseen }: { readonly foreseen: Foreseen }) {
  return (
    <>
      {foreseen.takenAt === null ? "being made" : <Instant at={foreseen.takenAt} />}{" "}
      {foreseen.expected ? "(to be taken by the schedule)" : <code>{visibleText(foreseen.id)}</code>}
    </>
  );
}

function Weeks({ forecast }: { readonly forecast: Forecast }) {
  const { weeks, older } = calendarOf(forecast.snapshots, forecast.at, WEEKS);
  return (
    <table className={styles.weeks}>
      <caption>
        Snapshots a day, in UTC: how many stay, and after a minus how many go.
        {older === 0 ? "" : ` ${counted(older, "snapshot")} from before that below.`}
      </caption>
      <thead>
        <tr>
          <th scope="col">Week of</th>
          {WEEKDAYS.map((day) => (
            <th key={day} scope="col">
              {day}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {weeks.map((days) => (
          <tr key={days[0]?.at.getTime() ?? 0}>
            <th scope="row">{days[0]?.at.toISOString().slice(5, 10) ?? ""}</th>
            {days.map((day) => (
              <td key={day.at.getTime()} data-some={day.stays + day.goes > 0 || undefined}>
                {inCell(day)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function inCell({ stays, goes }: CalendarDay): string {
  return [stays === 0 ? "" : String(stays), goes === 0 ? "" : `−${goes}`].filter(Boolean).join(" ");
}

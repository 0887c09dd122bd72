import type { ClusterView, RecoveryPoint } from "@holdfast/actions/domain";
import { useState } from "react";
import { Button } from "../../components/button.tsx";
import { Field } from "../../components/field.tsx";
import { Instant } from "../../components/instant.tsx";
import { readInstant } from "../../lib/read-instant.ts";
import { LOCAL_ZONE, rfc3339, showLocal, showRelative, showUtc } from "../../lib/show-instant.ts";
import { useNow } from "../../lib/use-now.ts";
import styles from "./recover.module.css";

interface SecondFieldProps {
  readonly view: ClusterView;
  readonly point: RecoveryPoint | null;
  readonly onChange: (point: RecoveryPoint | null) => void;
  /** What the bounds say about the time that was read. */
  readonly problem: string | null;
}

const NUDGES = [
  [-60, "−1 m"],
  [-1, "−1 s"],
  [1, "+1 s"],
  [60, "+1 m"],
] as const;

export function SecondField({ view, point, onChange, problem }: SecondFieldProps) {
  const [text, setText] = useState(point?.kind === "time" ? rfc3339(point.time) : "");
  const reading = readInstant(text, LOCAL_ZONE);
  const type = (next: string) => {
    setText(next);
    const read = readInstant(next, LOCAL_ZONE);
    onChange(read.kind === "instant" ? { kind: "time", time: read.at } : null);
  };
  const at = reading.kind === "instant" ? reading.at : null;
  const nudge = (seconds: number) => {
    if (at !== null) type(rfc3339(new Date(at.getTime() + seconds * 1000)));
  };
  return (
    <div className={styles.second}>
      <Field
        label="Time, with its zone"
        mono
        spellCheck={false}
        autoComplete="off"
        placeholder="2026-11-20T14:02:41Z"
        value={text}
        onChange={(event) => type(event.target.value)}
        hint={<Bounds view={view} />}
        problem={reading.kind === "unreadable" ? reading.problem : problem}
      />
      <fieldset className={styles.nudges} aria-label="Move the time">
        {NUDGES.map(([seconds, label]) => (
          <Button key={label} onClick={() => nudge(seconds)} aria-label={`${label}${nudgeName(seconds)}`}>
            {label}
          </Button>
        ))}
      </fieldset>
      {reading.kind === "zone-missing" ? (
        <div className={styles.zone}>
          <p>This time has no zone. Which one was meant?</p>
          <Button onClick={() => type(rfc3339(reading.utc))}>UTC: {showUtc(reading.utc)}</Button>
          {reading.local === null ? (
            <p>In {reading.zone} the clock change makes this hour ambiguous; write the offset, for example +01:00.</p>
          ) : (
            <LocalChoice at={reading.local} zone={reading.zone} onChoose={type} />
          )}
        </div>
      ) : null}
      {at === null ? null : <Echo at={at} truncated={reading.kind === "instant" && reading.truncated} />}
    </div>
  );
}

function LocalChoice({ at, zone, onChoose }: { readonly at: Date; readonly zone: string; readonly onChoose: (text: string) => void }) {
  return (
    <Button onClick={() => onChoose(rfc3339(at))}>
      {zone}: {showLocal(at)}
    </Button>
  );
}

function Bounds({ view }: { readonly view: ClusterView }) {
  if (view.earliestRestorableTime === null || view.latestRestorableTime === null) return <>This cluster has no continuous range.</>;
  return (
    <>
      From <Instant at={new Date(view.earliestRestorableTime)} /> to <Instant at={new Date(view.latestRestorableTime)} />, as AWS last said.
      A later second is asked of AWS again before anything starts.
    </>
  );
}

/** The one instant that was understood, in the three ways people say it. */
function Echo({ at, truncated }: { readonly at: Date; readonly truncated: boolean }) {
  const now = useNow(1_000);
  return (
    <ul className={styles.echo} aria-label="The time as it was understood">
      <li>
        <code>{showUtc(at)}</code>
      </li>
      <li>
        <code>{showLocal(at)}</code> ({LOCAL_ZONE})
      </li>
      <li>{showRelative(at, now) ?? "more than two days ago"}</li>
      {truncated ? <li>cut to the whole second before, because Aurora restores to seconds</li> : null}
    </ul>
  );
}

function nudgeName(seconds: number): string {
  const unit = Math.abs(seconds) === 60 ? "minute" : "second";
  return `, one ${unit} ${seconds < 0 ? "earlier" : "later"}`;
}

import type { ClusterView, RecoveryPoint } from "@holdfast/actions/domain";
import { type ReactNode, useState } from "react";
import { Button } from "../../components/button.tsx";
import { Instant } from "../../components/instant.tsx";
import { Section } from "../../components/section.tsx";
import { type AskedPoint, type Candidate, candidatesOf } from "../../lib/restore-draft.ts";
import { showDuration } from "../../lib/show-instant.ts";
import styles from "./recover.module.css";
import { SecondField } from "./second-field.tsx";

interface PointChooserProps {
  readonly view: ClusterView;
  readonly asked: AskedPoint;
  readonly point: RecoveryPoint | null;
  readonly onChoose: (point: RecoveryPoint | null) => void;
  readonly now: Date;
  readonly problem: string | null;
  /** What could be done instead of going back to any of them. */
  readonly instead: ReactNode;
}

// The newest second and the few newest snapshots are what is nearly always wanted.
const FIRST = 4;

export function PointChooser({ view, asked, point, onChoose, now, problem, instead }: PointChooserProps) {
  const candidates = candidatesOf(view, asked, now);
  const [all, setAll] = useState(false);
  const [chosen, setChosen] = useState(candidates[0]?.key ?? "own");
  const choose = (key: string, next: RecoveryPoint | null) => {
    setChosen(key);
    onChoose(next);
  };
  return (
    <Section title="Point to go back to">
      <fieldset className={styles.cards}>
        <legend className={styles.legend}>Recovery point</legend>
        {(all ? candidates : candidates.slice(0, FIRST)).map((each) => (
          <Card key={each.key} title={each.title} checked={chosen === each.key} onChoose={() => choose(each.key, each.point)}>
            <CandidateText candidate={each} />
          </Card>
        ))}
        {all || candidates.length <= FIRST ? null : (
          <Button tone="quiet" onClick={() => setAll(true)}>
            Show {candidates.length - FIRST} more snapshots
          </Button>
        )}
        <Card title="A second of your choice" checked={chosen === "own"} onChoose={() => choose("own", null)}>
          <span className={styles.detail}>paste the time of the last good log line</span>
        </Card>
      </fieldset>
      {chosen === "own" ? <SecondField view={view} point={point} onChange={onChoose} problem={point === null ? null : problem} /> : null}
      {chosen !== "own" && problem !== null ? <p className={styles.problem}>{problem}</p> : null}
      {isBeyondReach(candidates) ? null : instead}
    </Section>
  );
}

/** Where nothing from before the damage can be restored, a rewind has nothing to bring back either. */
function isBeyondReach(candidates: readonly Candidate[]): boolean {
  return candidates.some(({ key, verdict }) => key === "before" && !verdict.ok);
}

interface CardProps {
  readonly title: string;
  readonly checked: boolean;
  readonly onChoose: () => void;
  readonly children: ReactNode;
}

function Card({ title, checked, onChoose, children }: CardProps) {
  return (
    <label className={styles.card}>
      <input type="radio" name="point" checked={checked} onChange={onChoose} />
      <span>
        <strong>{title}</strong>
        {children}
      </span>
    </label>
  );
}

function CandidateText({ candidate }: { readonly candidate: Candidate }) {
  const { verdict, losesBeforeMs } = candidate;
  return (
    <>
      <span className={styles.detail}>{candidate.detail}</span>
      {verdict.ok ? (
        <span className={styles.detail}>
          keeps everything up to <Instant at={verdict.choice.at} />
          {losesBeforeMs === null
            ? `; loses the ${showDuration(verdict.choice.losesMs)} after it`
            : `; loses ${showDuration(losesBeforeMs)} of good writes before the damage, and all ${showDuration(verdict.choice.losesMs)} since it`}
        </span>
      ) : (
        <span className={styles.detail}>{verdict.problem}</span>
      )}
    </>
  );
}

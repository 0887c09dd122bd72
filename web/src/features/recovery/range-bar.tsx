import { type ClusterView, isUsable } from "@holdfast/actions/domain";
import { Instant } from "../../components/instant.tsx";
import { Section } from "../../components/section.tsx";
import { counted } from "../../lib/counted.ts";
import { useNow } from "../../lib/use-now.ts";
import styles from "./range-bar.module.css";

const WIDTH = 1000;
const HEIGHT = 28;

/** Where one can go back to, on one line of time: the continuous range as a bar, snapshots as marks, now at the right edge. */
export function RangeBar({ view }: { readonly view: ClusterView }) {
  const now = useNow(30_000);
  const from = view.earliestRestorableTime === null ? null : new Date(view.earliestRestorableTime);
  const to = view.latestRestorableTime === null ? null : new Date(view.latestRestorableTime);
  const marks = view.snapshots.filter(isUsable).map((each) => ({ id: each.id, at: Date.parse(each.takenAt) }));
  const start = Math.min(...[from?.getTime() ?? [], ...marks.map((each) => each.at)].flat());
  if (!Number.isFinite(start)) return null;
  const x = (time: number) => ((time - start) / Math.max(1, now.getTime() - start)) * (WIDTH - 4) + 2;
  return (
    <Section title="What can be gone back to">
      <svg className={styles.line} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        <rect className={styles.track} x="0" y="12" width={WIDTH} height="4" />
        {from === null || to === null ? null : (
          <rect className={styles.range} x={x(from.getTime())} y="8" width={Math.max(2, x(to.getTime()) - x(from.getTime()))} height="12" />
        )}
        {marks.map((each) => (
          <line key={each.id} className={styles.mark} x1={x(each.at)} x2={x(each.at)} y1="1" y2="27" />
        ))}
      </svg>
      <div className={styles.ends}>
        <Instant at={new Date(start)} />
        <span>now</span>
      </div>
      <p>
        {from === null || to === null ? (
          "AWS offers no continuous range for this cluster; only snapshots can be gone back to."
        ) : (
          <>
            Any second from <Instant at={from} /> to <Instant at={to} relative />, as AWS last said; and {counted(marks.length, "snapshot")}
            .
          </>
        )}
      </p>
    </Section>
  );
}

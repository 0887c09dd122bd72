import type { WorkView } from "../lib/work.ts";
import { isActive } from "../lib/work.ts";
import { Empty } from "./notice.tsx";
import { Section } from "./section.tsx";
import { WorkSummary } from "./work-summary.tsx";

/** What is going on now; nothing where nothing is. */
export function RunningWork({ views }: { readonly views: readonly WorkView[] }) {
  return views.length === 0 ? null : (
    <Section title="Running now">
      <WorkList views={views} />
    </Section>
  );
}

interface LatestWorkProps {
  readonly cluster: string;
  /** All work of the cluster, newest first. */
  readonly work: readonly WorkView[];
  /** What fits the screen; the ledger has the rest. */
  readonly most: number;
}

/** What is over, newest first. */
export function LatestWork({ cluster, work, most }: LatestWorkProps) {
  const over = work.filter((each) => !isActive(each)).slice(0, most);
  return (
    <Section title="Latest work">
      {over.length === 0 ? (
        <Empty title="Nothing was done yet">
          <p>Snapshots and restores of {cluster} will be listed here. Take the first snapshot on the recovery screen.</p>
        </Empty>
      ) : (
        <WorkList views={over} />
      )}
    </Section>
  );
}

function WorkList({ views }: { readonly views: readonly WorkView[] }) {
  return (
    <ul>
      {views.map((each) => (
        <WorkSummary key={each.requestId} view={each} />
      ))}
    </ul>
  );
}

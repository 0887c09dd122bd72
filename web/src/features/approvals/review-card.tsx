import { keptName } from "@holdfast/actions/domain";
import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { type Fact, Facts } from "../../components/facts.tsx";
import { Instant } from "../../components/instant.tsx";
import { Failure, Loading } from "../../components/notice.tsx";
import { changesOf } from "../../components/rewind-plan.tsx";
import { workTitle } from "../../components/work-summary.tsx";
import type { PendingReview } from "../../lib/github.ts";
import { planIn } from "../../lib/read-rewind.ts";
import { useSystem } from "../../lib/system.tsx";
import { visibleText } from "../../lib/visible-text.ts";
import type { WorkView } from "../../lib/work.ts";
import styles from "./approvals.module.css";
import { DecisionForm } from "./decision-form.tsx";
import { whyNotDecide } from "./why-not.ts";

// A decision of somebody else should be seen before one's own is sent.
const LOOK_AGAIN_MS = 5_000;
// GitHub fails a run that nobody decided for so long.
const LONGEST_WAIT_MS = 30 * 24 * 3_600_000;

interface ReviewCardProps {
  readonly view: WorkView;
  /** Lists name the run and lead to it; the run's own screen says it once. */
  readonly linked?: boolean;
}

export function ReviewCard({ view, linked = false }: ReviewCardProps) {
  const { session } = useSystem();
  const runId = view.run?.id ?? 0;
  const pending = useQuery({
    queryKey: ["pending-reviews", runId],
    queryFn: () => session.github.pendingReviews(runId),
    refetchInterval: LOOK_AGAIN_MS,
  });
  return (
    <article className={styles.review} aria-label={workTitle(view)}>
      {linked ? (
        <p className={styles.title}>
          <Link href={`/runs/${view.requestId}`}>{workTitle(view)}</Link>
        </p>
      ) : null}
      <Facts facts={factsOf(view, pending.data ?? [])} />
      {pending.data === undefined ? (
        pending.error === null ? (
          <Loading what="who may decide" />
        ) : (
          <Failure what="Who may decide cannot be read" error={pending.error} onRetry={() => void pending.refetch()} />
        )
      ) : (
        <Decide view={view} pending={pending.data} />
      )}
    </article>
  );
}

function Decide({ view, pending }: { readonly view: WorkView; readonly pending: readonly PendingReview[] }) {
  const { session } = useSystem();
  const mine = pending.filter((each) => each.mayDecide);
  const [first] = pending;
  if (first === undefined) return <p>It was decided; GitHub is about to go on.</p>;
  if (mine.length === 0) return <p>{visibleText(whyNotDecide(first, session.check.login, view.run?.actor ?? view.actor) ?? "")}</p>;
  // A run that goes on may ask a second time, and what was sent for the first decides nothing of it.
  return <DecisionForm key={view.entries.length} view={view} environmentIds={mine.map((each) => each.environmentId)} />;
}

function factsOf(view: WorkView, pending: readonly PendingReview[]): readonly Fact[] {
  const reviewers = [...new Set(pending.flatMap((each) => each.reviewers))];
  return [
    { name: "Would happen", value: <Effect view={view} /> },
    ...(view.work === "restore"
      ? [{ name: "Would not change", value: `${view.cluster} keeps running untouched, with all its data. No application is moved.` }]
      : []),
    ...(view.work === "cut-over" ? [{ name: "Would not change", value: "No data are written and nothing is deleted." }] : []),
    { name: "Asked by", value: visibleText(view.run?.actor ?? view.actor) },
    { name: "Reason", value: view.reason === null ? "GitHub does not tell it; ask, or open the run." : visibleText(view.reason) },
    { name: "Asked at", value: <Instant at={view.askedAt} relative /> },
    ...(reviewers.length === 0 ? [] : [{ name: "May decide", value: visibleText(reviewers.join(", ")) }]),
    { name: "Waits until", value: <Instant at={new Date(view.askedAt.getTime() + LONGEST_WAIT_MS)} /> },
  ];
}

function Effect({ view }: { readonly view: WorkView }) {
  if (view.work === "rewind") return <RewindEffect view={view} />;
  if (view.work === "cut-over") return <CutOverEffect view={view} />;
  if (view.work === "snapshot") return <>A snapshot of {view.cluster} is taken. The cluster stays up.</>;
  if (view.work === "cleanup") {
    return (
      <>
        <code>{visibleText(view.target ?? "something")}</code>, left over of {view.cluster}, is deleted once the worker has found that it is
        ours and no only copy.
      </>
    );
  }
  if (view.work === "migrate") {
    return (
      <>
        The files below are run on {view.cluster}, after a snapshot, exactly as they were rehearsed. Whoever wrote them or asked for them is
        not counted as an approver.
      </>
    );
  }
  if (view.answer === "override") {
    return (
      <>
        Alerts of <code>{visibleText(view.target ?? "something")}</code> are recorded and nobody is told of them. When it ends, its bill
        lists what it hid.
      </>
    );
  }
  if (view.work !== "restore") return <>{visibleText(`${workTitle(view)}.`)}</>;
  return (
    <>
      A new cluster <code>{visibleText(view.target ?? "of unknown name")}</code> is made from <Point view={view} />, proven reachable,
      checked, and its duration recorded. It costs until somebody removes it.
    </>
  );
}

/** Two decisions: the first lets only the restored cluster be changed, the second what applications reach. */
function CutOverEffect({ view }: { readonly view: WorkView }) {
  const restored = <code>{visibleText(view.target ?? "the restored cluster")}</code>;
  const cluster = view.cluster ?? "";
  if (!view.entries.some(({ kind }) => kind === "cut-over.carried"))
    return (
      <>
        {restored} gets the settings and tags of {cluster}. Nothing is renamed before a second decision.
      </>
    );
  return (
    <>
      {cluster} is renamed to <code>{keptName({ cluster, requestId: view.requestId })}</code> and {restored} to {cluster}. For a minute or
      two nothing has the name. What the applications write must have been stopped by then: the new cluster lacks it.
    </>
  );
}

/** What is approved is the plan of this very run; where it cannot be read, nobody should approve. */
function RewindEffect({ view }: { readonly view: WorkView }) {
  const plan = planIn(view.entries);
  if (plan === null)
    return <>Rows of {view.cluster} are changed, by a plan that the ledger does not show yet: wait for it before you decide.</>;
  return (
    <>
      {changesOf(plan)}, in one transaction on {view.cluster} after a safety snapshot, by the plan <code>{plan.digest}</code> and no other.
    </>
  );
}

function Point({ view }: { readonly view: WorkView }) {
  if (view.point === null) return <>a point that GitHub does not tell</>;
  if ("snapshot" in view.point) {
    return (
      <>
        snapshot <code>{visibleText(view.point.snapshot)}</code>
      </>
    );
  }
  const at = new Date(view.point.time);
  return Number.isNaN(at.getTime()) ? <code>{visibleText(view.point.time)}</code> : <Instant at={at} />;
}

/** The hourly tick: says what is due and asks for it. It holds no secret and touches no cluster; what it dispatches runs on `production`. */
import { type Due, dueWork, SCHEDULED_WORKS, type ScheduledWork, snapshotInputsOf } from "../domain/index.ts";
import { dispatch, recentTitles, requestIdIn } from "../github/runs.ts";
import { actionIo as io } from "../runner/action-io.ts";
import { exitWith, sentence } from "./conduct.ts";
import { openInstallation } from "./installation.ts";
import { readConfig } from "./read-config.ts";

await exitWith(io, async () => {
  const config = await readConfig();
  const { github, ledger } = await openInstallation(io);
  const { entries } = await ledger.read();
  const inLedger = entries.flatMap(({ data }) => (typeof data.requestId === "string" ? [data.requestId] : []));
  const snapshotted = entries.flatMap(({ kind, data }) => (kind === "snapshot.completed" ? [String(data.cluster)] : []));
  const notInLedger = dueWork(config, new Date(), new Set(inLedger), new Set(snapshotted));
  const titles = await Promise.all(worksOf(notInLedger).map((work) => recentTitles(github, workflowOf(work))));
  const asked = new Set(titles.flat().flatMap((title) => requestIdIn(title) ?? []));

  const due = notInLedger.filter(({ requestId }) => !asked.has(requestId));
  const failures: string[] = [];
  for (const each of due) {
    const what = `${each.work} ${each.subject}`.trim();
    try {
      await dispatch(github, workflowOf(each.work), "production", inputsOf(each));
      io.info(`Dispatched ${what} for ${each.slot.toISOString()}`);
    } catch (error) {
      // One workflow that cannot be started keeps no other from starting.
      failures.push(`${what}: ${sentence(error)}`);
    }
  }
  if (due.length === 0) io.info("Nothing is due.");
  for (const failure of failures) io.error(`Not dispatched: ${failure}. The next tick tries again.`);
  return failures.length === 0 ? 0 : 1;
});

function worksOf(due: readonly Due[]): readonly ScheduledWork[] {
  return SCHEDULED_WORKS.filter((work) => due.some((each) => each.work === work));
}

function workflowOf(work: ScheduledWork): string {
  return `${work}.yml`;
}

function inputsOf({ work, subject, requestId, slot, lateMs }: Due): Readonly<Record<string, string>> {
  const reason = `Scheduled ${work} of ${slot.toISOString()}, asked for ${Math.round(lateMs / 60_000)} minutes later`;
  const common = { reason, request_id: requestId };
  switch (work) {
    case "snapshot":
      return { ...snapshotInputsOf({ cluster: subject, requestId, reason, trigger: "scheduled", appVersion: "unknown" }) };
    case "detect":
      return { ...common, cluster: subject };
    case "pull-alerts":
      return common;
    case "drill": {
      const [cluster = "", tier = ""] = subject.split(" ");
      return { ...common, cluster, tier };
    }
    case "retention":
      return { ...common, cluster: subject, mode: "apply" };
    case "canary":
      return { ...common, app: subject };
  }
}

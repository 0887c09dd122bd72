/** The hourly tick: says what is due and asks for it. It holds no secret and touches no cluster; what it dispatches runs on `production`. */
import { dueSnapshots, snapshotInputsOf } from "../domain/index.ts";
import { dispatch, recentTitles, requestIdIn } from "../github/runs.ts";
import { actionIo as io } from "../runner/action-io.ts";
import { exitWith } from "./conduct.ts";
import { openInstallation } from "./installation.ts";
import { readConfig } from "./read-config.ts";

const WORKFLOW = "snapshot.yml";

await exitWith(io, async () => {
  const config = await readConfig();
  const { github, ledger } = await openInstallation(io);
  const { entries } = await ledger.read();
  const titles = await recentTitles(github, WORKFLOW);
  const inTitles = titles.flatMap((title) => requestIdIn(title) ?? []);
  const inLedger = entries.flatMap(({ data }) => (typeof data.requestId === "string" ? [data.requestId] : []));

  const due = dueSnapshots(config, new Date(), new Set([...inTitles, ...inLedger]));
  for (const { cluster, requestId, slot, lateMs } of due) {
    const reason = `Scheduled snapshot of ${slot.toISOString()}, asked for ${Math.round(lateMs / 60_000)} minutes later`;
    const inputs = snapshotInputsOf({ cluster, requestId, reason, trigger: "scheduled", appVersion: "unknown" });
    await dispatch(github, WORKFLOW, "production", inputs);
    io.info(`${cluster}: dispatched a snapshot for ${slot.toISOString()}`);
  }
  if (due.length === 0) io.info("Nothing is due.");
  return 0;
});

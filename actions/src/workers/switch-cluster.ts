/**
 * Puts a restored cluster in the place of the live one, for one request, however often it is asked to: what the live one has is carried over, the live
 * one is renamed away and protected from deletion, the restored one takes its name. Nothing is deleted and no data are written; clusters are known by
 * the id that stays when names change, so an attempt that was killed between the two names goes on where it stopped.
 */
import type { Aurora, ClusterFacts } from "../aurora/aurora.ts";
import type { Switcher } from "../aurora/switcher.ts";
import { type CutOverRequest, type Entry, type EntryData, type EntryKind, keptName, TAGS } from "../domain/index.ts";
import { whatToCarry, whyNoCutOver } from "../recovery/judge-cut-over.ts";
import type { Journal } from "./journal.ts";
import { Refusal } from "./outcome.ts";
import { type Clock, waitUntil } from "./wait-until.ts";

export interface SwitchWork extends Clock {
  readonly aurora: Pick<Aurora, "cluster" | "clusters">;
  readonly switcher: Switcher;
  readonly journal: Journal;
}

export interface Switched {
  readonly endpoint: string;
  /** The name under which the old cluster is kept. */
  readonly kept: string;
  readonly durationSeconds: number;
}

// A rename takes AWS a minute or two, a change of settings longer where instances take part.
const CHANGE_LIMIT_MS = 30 * 60_000;
const OURS = [TAGS.managed, TAGS.requestId, TAGS.sourceCluster] as const;

/** Carries over what the live cluster has; returns what was changed. Throws Refusal where the restored one may not take its place. */
export async function prepareSwitch(request: CutOverRequest, work: SwitchWork): Promise<readonly string[]> {
  const { aurora, journal, switcher, now } = work;
  const before = journal.recorded("carried");
  if (before !== undefined) return namesIn(before.data.carried);
  const live = await aurora.cluster(request.cluster);
  const restored = await aurora.cluster(request.restored);
  const problem = whyNoCutOver(request, live, restored, journal.view().entries, now());
  if (problem !== null || live === null || restored === null)
    throw new Refusal(problem ?? "AWS does not know both clusters.", "Look at the restored clusters on the page under Recovery.");
  await record("requested", "cut-over.requested", request, work, { live: live.resource, new: restored.resource });
  const { tags, ...settings } = whatToCarry(live, restored);
  if (Object.keys(settings).length > 0) await switcher.set(restored.id, settings);
  if (tags !== undefined) await switcher.tag(restored.arn, tags);
  await waitUntil(`${restored.id} having what ${live.id} has`, CHANGE_LIMIT_MS, work, async () => {
    const found = await aurora.cluster(restored.id);
    return found?.status === "available" && Object.keys(whatToCarry(live, found)).length === 0 ? true : null;
  });
  const carried = [...Object.keys(settings), ...Object.keys(tags ?? {}).map((key) => `tag ${key}`)];
  await record("carried", "cut-over.carried", request, work, { carried });
  return carried;
}

/** The swap of names. Throws Refusal where nothing was prepared. */
export async function switchCluster(request: CutOverRequest, work: SwitchWork): Promise<Switched> {
  const { journal, switcher, now } = work;
  const over = journal.recorded("completed");
  if (over !== undefined) return doneBefore(over, keptName(request));
  const requested = journal.recorded("requested");
  if (requested === undefined || journal.recorded("carried") === undefined)
    throw new Refusal("Nothing was carried over for this request yet.", "Run the job prepare of cut-over.yml first.");
  const [live, restored] = [String(requested.data.live), String(requested.data.new)];
  const kept = keptName(request);

  await move(live, request.cluster, kept, true, work);
  await record("old-renamed", "cut-over.old-renamed", request, work, { kept });
  await move(restored, request.restored, request.cluster, false, work);
  await record("new-renamed", "cut-over.new-renamed", request, work);

  const serving = await named(restored, work);
  // What carries our tags may be deleted by the role that cleans up; the cluster that serves must not.
  await switcher.untag(serving.arn, OURS);
  for (const id of serving.instances) await switcher.untag(serving.arn.replace(`:cluster:${serving.id}`, `:db:${id}`), OURS);
  if (serving.endpoint === null) throw new Error(`AWS gives no endpoint for ${serving.id}`);
  const endpoint = `${serving.endpoint.host}:${serving.endpoint.port}`;
  const durationSeconds = Math.max(0, (now().getTime() - Date.parse(requested.at)) / 1000);
  const completed = await record("completed", "cut-over.completed", request, work, { kept, endpoint, durationSeconds });
  return { endpoint, kept, durationSeconds: Number(completed.data.durationSeconds) };
}

function doneBefore({ data }: Entry, kept: string): Switched {
  return { kept, endpoint: String(data.endpoint), durationSeconds: Number(data.durationSeconds) };
}

/** Gives the cluster that has this id its new name, unless it has it already. Any other name is somebody else's doing, and ends it. */
async function move(resource: string, from: string, to: string, protect: boolean, work: SwitchWork): Promise<void> {
  const found = await named(resource, work);
  if (found.id === from && found.status === "available") {
    if ((await work.aurora.cluster(to)) !== null) throw new Error(`The name ${to} is in use by another cluster`);
    await work.switcher.rename(from, to, protect);
  } else if (found.id !== to && found.id !== from) throw new Error(`The cluster that was ${from} is named ${found.id} by now`);
  await waitUntil(`${from} being named ${to}`, CHANGE_LIMIT_MS, work, async () => {
    const now = await named(resource, work);
    return now.id === to && now.status === "available" ? true : null;
  });
}

async function named(resource: string, { aurora }: SwitchWork): Promise<ClusterFacts> {
  const found = (await aurora.clusters()).find((each) => each.resource === resource);
  if (found === undefined) throw new Error(`AWS does not know the cluster with the id ${resource} any more`);
  return found;
}

function record(step: string, kind: EntryKind, { cluster, restored }: CutOverRequest, { journal }: SwitchWork, data: EntryData = {}) {
  return journal.record(step, kind, { cluster, restored, ...data });
}

function namesIn(value: EntryData[string] | undefined): readonly string[] {
  return (Array.isArray(value) ? value : []).filter((each) => typeof each === "string");
}

/** Merges the alert artifacts of other runs and repositories into the ledger. Each artifact is read once, and each transition of an alert is written once. */

import { readAlertLines } from "../detection/read-alert-lines.ts";
import {
  alertDraft,
  type Config,
  type Draft,
  discreetAlert,
  entryId,
  expiredDrafts,
  type Privacy,
  type PullRequest,
  suppressionOf,
  suppressionsOf,
} from "../domain/index.ts";
import { type ArtifactFacts, RefusedArchive, readZipped } from "../github/artifacts.ts";
import type { Origin } from "../github/runs.ts";
import { type Completed, sentence } from "./conduct.ts";
import type { Journal } from "./journal.ts";

export interface PullWork {
  readonly config: Config;
  readonly journal: Journal;
  readonly origin: Origin;
  readonly privacy: Privacy;
  /** `owner/name` of this repository. */
  readonly here: string;
  list(repository: string): Promise<readonly ArtifactFacts[]>;
  download(repository: string, id: number): Promise<Buffer>;
  now(): Date;
}

const FILE = "alerts.jsonl";
const LARGEST_ZIP = 10 * 1024 * 1024;
const LARGEST_FILE = 20 * 1024 * 1024;
// One commit of this many entries is some hundred kilobytes: far below what GitHub takes, and few commits for a storm.
const BATCH = 200;

export async function pullAlerts(request: PullRequest, work: PullWork): Promise<Completed> {
  const { config, journal } = work;
  await journal.append(expiredDrafts(journal.view().entries, { actor: work.origin.actor, run: work.origin.run, now: work.now() }));
  const failures: string[] = [];
  // One repository that cannot be read keeps nothing of the others back; it is said at the end.
  const attempt = async <T>(what: string, task: () => Promise<T>): Promise<T | null> => {
    try {
      return await task();
    } catch (error) {
      failures.push(`${what}: ${sentence(error)}`);
      return null;
    }
  };
  const found: Found[] = [];
  for (const repository of new Set([work.here, ...config.pull.repositories]))
    found.push(...((await attempt(repository, () => unread(repository, work))) ?? []));
  const results: Result[] = [];
  for (const each of found.toSorted((a, b) => a.artifact.createdAt.getTime() - b.artifact.createdAt.getTime())) {
    const result = await attempt(`${each.repository}, artifact ${each.artifact.id}`, () => pullOne(each, request, work));
    if (result !== null) results.push(result);
  }
  if (failures.length > 0) throw new Error(`Not everything could be read, though the rest is merged. ${failures.join("; ")}`);
  const refused = results.filter((result) => result.refused !== null);
  const added = results.reduce((sum, result) => sum + result.added, 0);
  return {
    result: "completed",
    title: refused.length === 0 ? "Alerts are pulled" : "Alerts are pulled, and some artifacts were refused",
    facts: [
      { name: "Artifacts read", value: String(results.length - refused.length) },
      { name: "Entries added", value: String(added) },
      ...refused.map(({ name, refused: problem }) => ({ name: `Refused: ${name}`, value: problem ?? "" })),
      { name: "Reason", value: request.reason },
    ],
    next: refused.length === 0 ? "Nothing." : "Look at the runs that uploaded what was refused; nothing of those artifacts was used.",
  };
}

interface Found {
  readonly repository: string;
  readonly artifact: ArtifactFacts;
  /** What its own entry is called. */
  readonly name: string;
}

interface Result {
  readonly name: string;
  readonly added: number;
  readonly refused: string | null;
}

/** A run that checked out a stranger's pull request may upload anything under our name, so only the branches that people guard count. */
async function unread(repository: string, { config, journal, list }: PullWork): Promise<readonly Found[]> {
  const known = new Set(journal.view().entries.map((entry) => entry.id));
  return (await list(repository))
    .map((artifact) => ({ repository, artifact, name: `artifact-${repository}-${artifact.id}` }))
    .filter(({ artifact: { expired, branch } }) => !expired && branch !== null && config.pull.branches.includes(branch))
    .filter(({ name }) => !["pulled", "refused"].some((step) => known.has(entryId(name, step))));
}

async function pullOne({ repository, artifact, name }: Found, request: PullRequest, work: PullWork): Promise<Result> {
  const drafts = await readArtifact(repository, artifact, work);
  const { actor, run } = work.origin;
  const about = { requestId: request.requestId, repository, artifact: artifact.id };
  const own = { at: work.now().toISOString(), actor, run, reason: request.reason };
  if (typeof drafts === "string") {
    await work.journal.append([{ ...own, id: entryId(name, "refused"), kind: "alerts.refused", data: { ...about, problem: drafts } }]);
    return { name: `${repository} ${artifact.id}`, added: 0, refused: drafts };
  }
  const before = work.journal.view().entries.length;
  for (let at = 0; at < drafts.length; at += BATCH) await work.journal.append(drafts.slice(at, at + BATCH));
  const added = work.journal.view().entries.length - before;
  // Last, so that a pull which breaks off reads the artifact again.
  await work.journal.append([
    { ...own, id: entryId(name, "pulled"), kind: "alerts.pulled", data: { ...about, alerts: drafts.length, added } },
  ]);
  return { name, added, refused: null };
}

/** The entries of its alerts, or why nothing of it is used. */
async function readArtifact(repository: string, artifact: ArtifactFacts, work: PullWork): Promise<readonly Draft[] | string> {
  const { config, journal, origin, privacy } = work;
  if (artifact.bytes > LARGEST_ZIP) return `it is ${artifact.bytes} bytes large; allowed: up to ${LARGEST_ZIP}`;
  let content: string;
  try {
    content = await readZipped(await work.download(repository, artifact.id), FILE, LARGEST_FILE);
  } catch (error) {
    if (error instanceof RefusedArchive) return error.message;
    throw error;
  }
  const now = work.now();
  const read = readAlertLines(content, config, now);
  if (!read.ok) return read.problem;
  const suppressions = suppressionsOf(journal.view().entries, now);
  return read.alerts.flatMap((alert) => {
    const hiddenBy = suppressionOf(discreetAlert(alert, privacy), suppressions, new Date(alert.openedAt))?.id ?? null;
    return alertDraft({ ...alert, hiddenBy }, { actor: origin.actor, run: origin.run, now }, privacy) ?? [];
  });
}

/** What a run's title tells before the ledger does: what was asked for, of what, by which request. */
import { RESPONSE_ACTIONS, type ResponseAction } from "@holdfast/actions/domain";
import type { KnownData } from "./entry-data.ts";
import { WORKS, type Work } from "./github.ts";

export interface RunTitle {
  readonly work: Work;
  /** Null for an answer to alerts, which belongs to no one cluster. */
  readonly cluster: string | null;
  /** What an answer does; null for other work. */
  readonly answer: ResponseAction | null;
  readonly target: string | null;
  readonly point: NonNullable<KnownData["point"]> | null;
  readonly requestId: string;
  readonly reason: string | null;
}

// Valid names hold no space, so no part of a title can pass for another; what follows the request is free text.
const TITLE =
  /^(snapshot|restore|rewind|cleanup|migrate|hold|cut-over) (\S+)(?: → (\S+)(?: from (\S+))?)? \((?:[\w-]+, )?request ([0-9a-f-]{36})(?:, incident [A-Za-z0-9-]{1,64})?\)(?:: (.+))?$/;
// An app's name may hold anything; the first bracket opens the request, so that no name can pass for one.
const ANSWER = /^respond ([a-z-]+) ([^(]+) \(request ([0-9a-f-]{36})\)(?:: (.+))?$/;
const INSTANT = /^\d{4}-\d\d-\d\dT/;

/** Null for a run that the page did not name: started by other means, or renamed. */
export function readRunTitle(title: string): RunTitle | null {
  return readWork(title) ?? readAnswer(title);
}

function readWork(title: string): RunTitle | null {
  const [, word, cluster, target, from, requestId, reason] = TITLE.exec(title) ?? [];
  const work = WORKS.find((each) => each === word);
  if (work === undefined || cluster === undefined || requestId === undefined) return null;
  // A rewind's title names an interval there, which is no point to go back to.
  const point = from === undefined || work === "rewind" ? null : INSTANT.test(from) ? { time: from } : { snapshot: from };
  return { work, cluster, answer: null, target: target ?? null, point, requestId, reason: reason ?? null };
}

function readAnswer(title: string): RunTitle | null {
  const [, word, subject, requestId, reason] = ANSWER.exec(title) ?? [];
  const answer = RESPONSE_ACTIONS.find((each) => each === word);
  if (answer === undefined || subject === undefined || requestId === undefined) return null;
  // A field that was left open is two spaces.
  const target = subject.trim().replace(/ +/g, " ");
  return { work: "respond", cluster: null, answer, target, point: null, requestId, reason: reason ?? null };
}

/** What no second piece of the same work should touch at the same time: a cluster; for an answer, what it answers. */
export function laneOf({ cluster, answer, target }: Pick<RunTitle, "cluster" | "answer" | "target">): string {
  if (cluster !== null) return cluster;
  return answer === "silence" || answer === "override" ? answer : `${answer} ${target}`;
}

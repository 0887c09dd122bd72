/** Which entry says that which answer of a person stands. */
import type { Entry, EntryKind, ResponseAction } from "@holdfast/actions/domain";

const ACTIONS: Partial<Record<EntryKind, ResponseAction>> = {
  "alert.acknowledged": "acknowledge",
  "alert.resolved": "resolve",
  "silence.started": "silence",
  "silence.ended": "end-silence",
  "override.started": "override",
  "override.ended": "end-override",
};

export const ANSWER_KINDS: readonly EntryKind[] = [
  "alert.acknowledged",
  "alert.resolved",
  "silence.started",
  "silence.ended",
  "override.started",
  "override.ended",
];

export function answerIn(entry: Entry): ResponseAction | null {
  return ACTIONS[entry.kind] ?? null;
}

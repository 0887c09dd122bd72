/** Requests that began and whose end nobody has told: what is being worked on as far as the ledger knows. Pure. */
import type { Entry } from "./ledger.ts";

export interface UnderWay {
  readonly requestId: string;
  /** What is asked for, the first word of its entries' kinds: `restore`, `drill`, `rewind`. */
  readonly work: string;
  readonly entries: readonly Entry[];
  readonly last: Entry;
}

/** How a request's last entry ends: nothing more will be told of it, unless somebody runs it again. */
export const OVER = /\.(completed|refused|failed|rejected|lapsed|lost|cancelled|abandoned)$/;
// GitHub ends every run after 35 days; a request without a word for longer has nobody who works on it.
const LONGEST_RUN_MS = 35 * 86_400_000;

export function requestsUnderWay(entries: readonly Entry[], now: Date): readonly UnderWay[] {
  const requests = new Map<string, Entry[]>();
  for (const entry of entries) {
    const id = entry.data.requestId;
    if (typeof id !== "string" || !entry.id.startsWith(`${id}:`)) continue;
    const told = requests.get(id);
    if (told === undefined) requests.set(id, [entry]);
    else told.push(entry);
  }
  return [...requests].flatMap(([requestId, told]) => {
    const last = told.at(-1);
    const [work] = told.find(({ kind }) => !kind.startsWith("request."))?.kind.split(".") ?? [];
    if (last === undefined || work === undefined || isOver(last)) return [];
    return now.getTime() - Date.parse(last.at) > LONGEST_RUN_MS ? [] : [{ requestId, work, entries: told, last }];
  });
}

const RECOVERIES: ReadonlySet<string> = new Set(["restore", "rewind", "cut-over"]);

/** What is bringing this cluster back, beside the request `except`. */
export function recoveryUnderWay(cluster: string, entries: readonly Entry[], now: Date, except?: string): UnderWay | undefined {
  return requestsUnderWay(entries, now).find(
    (each) => RECOVERIES.has(each.work) && each.requestId !== except && each.entries.some(({ data }) => data.cluster === cluster),
  );
}

/** A rewind that was only to be planned ends with its plan; one that is to be applied waits there for a person. */
function isOver({ kind, data }: Entry): boolean {
  return OVER.test(kind) || (kind === "rewind.planned" && data.mode === "plan");
}

/** Whether a restored cluster may take the place of the live one, and what has to be carried over to it first: decided from facts. */
import { type CutOverRequest, type Entry, TAGS, whyNotTakeOver } from "../domain/index.ts";

type Tags = Readonly<Record<string, string>>;

export interface CutOverFacts {
  readonly id: string;
  readonly status: string;
  readonly engine: string;
  readonly instances: readonly string[];
  readonly securityGroups: readonly string[];
  readonly parameterGroup: string | null;
  readonly iamAuthentication: boolean;
  readonly kmsKey: string | null;
  readonly deletionProtection: boolean;
  readonly tags: Tags;
}

/** What the restored cluster lacks of what the live one has; what is equal already is left out. */
export interface Carried {
  readonly securityGroups?: readonly string[];
  readonly parameterGroup?: string;
  readonly iamAuthentication?: boolean;
  readonly deletionProtection?: boolean;
  readonly tags?: Tags;
}

/** Why it must not be done, or null. */
export function whyNoCutOver(
  request: CutOverRequest,
  live: CutOverFacts | null,
  restored: CutOverFacts | null,
  entries: readonly Entry[],
  now: Date,
): string | null {
  const { cluster, restored: name } = request;
  if (live === null) return `AWS does not know the cluster ${cluster}.`;
  if (restored === null) return `AWS does not know the cluster ${name}.`;
  if (restored.tags[TAGS.managed] !== "true" || restored.tags[TAGS.sourceCluster] !== cluster)
    return `${name} was not restored from ${cluster} by Holdfast.`;
  const { status, instances, tags } = restored;
  const successor = { id: name, status, instances: instances.length, requestId: tags[TAGS.requestId] ?? "" };
  const told = whyNotTakeOver(request, successor, entries, now);
  if (told !== null) return told;
  if (live.status !== "available") return `${cluster} is ${live.status}, not available.`;
  if (restored.engine !== live.engine) return `${name} is ${restored.engine}, and ${cluster} is ${live.engine}.`;
  // A key cannot be changed afterwards.
  if (restored.kmsKey !== live.kmsKey) return `${name} is not encrypted with the key of ${cluster}; restore it again with that key.`;
  return null;
}

export function whatToCarry(live: CutOverFacts, restored: CutOverFacts): Carried {
  const tags = Object.fromEntries(
    Object.entries(live.tags).filter(
      ([key, value]) => !key.startsWith("holdfast:") && !key.startsWith("aws:") && restored.tags[key] !== value,
    ),
  );
  return {
    ...(same(live.securityGroups, restored.securityGroups) ? {} : { securityGroups: live.securityGroups }),
    ...(live.parameterGroup === null || live.parameterGroup === restored.parameterGroup ? {} : { parameterGroup: live.parameterGroup }),
    ...(live.iamAuthentication === restored.iamAuthentication ? {} : { iamAuthentication: live.iamAuthentication }),
    ...(live.deletionProtection && !restored.deletionProtection ? { deletionProtection: true } : {}),
    ...(Object.keys(tags).length === 0 ? {} : { tags }),
  };
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.toSorted().join() === b.toSorted().join();
}

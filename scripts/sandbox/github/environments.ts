import type { EnvironmentGrant, EnvironmentRefusal } from "./engine-seam.ts";
import { matchesFilter } from "./glob.ts";
import type { People } from "./people.ts";
import { readStored, writeStored } from "./stored-file.ts";

/** Deployment environments: variables, secrets, which branches may enter, and whose consent a job needs. */

export interface EnvironmentSetting {
  readonly name: string;
  /** Name patterns of branches that may enter; absent or empty: every ref. */
  readonly branchPolicy?: readonly string[];
  readonly vars?: Readonly<Record<string, string>>;
  readonly secrets?: Readonly<Record<string, string>>;
  /** Logins of the people of whom one must approve a job before it starts; absent or empty: nobody is asked. */
  readonly reviewers?: readonly string[];
  /** Whether the one who started a run is kept from approving it. */
  readonly preventSelfReview?: boolean;
}

export interface Environment extends Required<EnvironmentSetting> {
  readonly id: number;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface Environments {
  set(setting: EnvironmentSetting): Environment;
  find(name: string): Environment | undefined;
  list(): readonly Environment[];
  enter(name: string, ref: string): { readonly environment: Environment; readonly answer: EnvironmentGrant | EnvironmentRefusal };
}

const firstId = 4_300_000;
// GitHub's limit.
const mostReviewers = 6;

export function openEnvironments(file: string, people: People, now: () => Date): Environments {
  // Environments of an older state folder had no reviewers.
  let kept: readonly Environment[] = readStored<readonly Environment[]>(file, []).map((stored) => ({
    ...{ reviewers: [], preventSelfReview: false },
    ...stored,
  }));
  // GitHub's environment names are not case-sensitive.
  const find = (name: string) => kept.find((known) => known.name.toLowerCase() === name.toLowerCase());
  const set = (setting: EnvironmentSetting): Environment => {
    const at = now().toISOString();
    const known = find(setting.name);
    const { name, branchPolicy = [], vars = {}, secrets = {}, reviewers = [], preventSelfReview = false } = setting;
    if (reviewers.length > mostReviewers)
      throw new RangeError(`environment ${name} lists ${reviewers.length} reviewers; allowed: up to ${mostReviewers}`);
    for (const login of reviewers) {
      const person = people.find(login);
      if (person === undefined || person.type !== "User" || person.role === "none")
        throw new RangeError(`environment ${name} lists ${login} as a reviewer; allowed: people who may read the repository`);
    }
    const next = {
      id: known?.id ?? firstId + kept.length + 1,
      name,
      branchPolicy,
      vars,
      secrets,
      reviewers,
      preventSelfReview,
      createdAt: known?.createdAt ?? at,
      updatedAt: at,
    };
    const all = [...kept.filter((other) => other.id !== next.id), next].sort((left, right) => left.id - right.id);
    writeStored(file, all, 0o600);
    kept = all;
    return next;
  };
  return {
    set,
    find,
    list: () => kept,
    enter(name, ref) {
      // A job that names an environment nobody made makes it, open to all: GitHub does the same.
      const environment = find(name) ?? set({ name });
      const [, kind = "", short = ""] = /^refs\/(heads|tags)\/(.+)$/.exec(ref) ?? [];
      const open = environment.branchPolicy.length === 0;
      if (open || (kind === "heads" && matchesFilter(environment.branchPolicy, short)))
        return { environment, answer: { vars: environment.vars, secrets: environment.secrets } };
      const what = kind === "tags" ? "Tag" : "Branch";
      const refused = `${what} "${short}" is not allowed to deploy to ${environment.name} due to environment protection rules.`;
      return { environment, answer: { refused } };
    },
  };
}

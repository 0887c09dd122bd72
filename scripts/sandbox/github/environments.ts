import type { EnvironmentGrant } from "./engine-seam.ts";
import { matchesFilter } from "./glob.ts";
import { readStored, writeStored } from "./stored-file.ts";

/** Deployment environments: variables, secrets, and which branches may enter. */

export interface EnvironmentSetting {
  readonly name: string;
  /** Name patterns of branches that may enter; absent or empty: every ref. */
  readonly branchPolicy?: readonly string[];
  readonly vars?: Readonly<Record<string, string>>;
  readonly secrets?: Readonly<Record<string, string>>;
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
  enter(name: string, ref: string): EnvironmentGrant | { readonly refused: string };
}

const firstId = 4_300_000;

export function openEnvironments(file: string, now: () => Date): Environments {
  let kept = readStored<readonly Environment[]>(file, []);
  // GitHub's environment names are not case-sensitive.
  const find = (name: string) => kept.find((known) => known.name.toLowerCase() === name.toLowerCase());
  const set = (setting: EnvironmentSetting): Environment => {
    const at = now().toISOString();
    const known = find(setting.name);
    const { name, branchPolicy = [], vars = {}, secrets = {} } = setting;
    const next = {
      id: known?.id ?? firstId + kept.length + 1,
      name,
      branchPolicy,
      vars,
      secrets,
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
        return { vars: environment.vars, secrets: environment.secrets };
      const what = kind === "tags" ? "Tag" : "Branch";
      return { refused: `${what} "${short}" is not allowed to deploy to ${environment.name} due to environment protection rules.` };
    },
  };
}

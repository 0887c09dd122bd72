import { readStored, writeStored } from "./stored-file.ts";

/** What administrators set for the repository as a whole, and GitHub tells whoever may ask. Rules are told; who moves a ref is judged elsewhere. */

export interface BypassActor {
  readonly actor_id: number | null;
  readonly actor_type: "Integration" | "OrganizationAdmin" | "RepositoryRole" | "Team" | "DeployKey" | "User";
  readonly bypass_mode: "always" | "pull_request" | "exempt";
}

/** The body with which GitHub makes one. */
export interface RulesetSetting {
  readonly name: string;
  readonly target: "branch";
  readonly enforcement: "active" | "evaluate" | "disabled";
  readonly bypass_actors: readonly BypassActor[];
  readonly conditions: { readonly ref_name: { readonly include: readonly string[]; readonly exclude: readonly string[] } };
  readonly rules: readonly { readonly type: string; readonly parameters?: Readonly<Record<string, unknown>> }[];
}

export interface PagesSetting {
  readonly status: "built" | "building" | "errored";
  readonly cname: string | null;
  readonly httpsEnforced: boolean;
  readonly source: "workflow" | { readonly branch: string };
}

export interface Settings {
  readonly rulesets: readonly RulesetSetting[];
  readonly actions: {
    readonly enabled: boolean;
    readonly allowed: "all" | "local_only" | "selected";
    readonly defaultPermissions: "read" | "write";
    readonly canApprove: boolean;
  };
  readonly pages: PagesSetting | null;
  /** Secrets of the repository: their names, which is all that GitHub ever tells. */
  readonly secrets: readonly string[];
  /** Null: the default template. */
  readonly subjectKeys: readonly string[] | null;
  /** The owner's, which GitHub tells only its administrators. */
  readonly plan: string;
  /** By file name; `active` where nothing is said. */
  readonly workflowStates: Readonly<Record<string, "active" | "disabled_manually" | "disabled_inactivity">>;
}

/** As GitHub makes a repository for an organisation on a paid plan. */
const fresh: Settings = {
  rulesets: [],
  actions: { enabled: true, allowed: "all", defaultPermissions: "read", canApprove: false },
  pages: null,
  secrets: [],
  subjectKeys: null,
  plan: "team",
  workflowStates: {},
};

export interface OpenSettings {
  get(): Settings;
  change(part: Partial<Settings>): void;
}

export function openSettings(file: string): OpenSettings {
  let kept: Settings = { ...fresh, ...readStored<Partial<Settings>>(file, {}) };
  return {
    get: () => kept,
    change(part) {
      const next = { ...kept, ...part };
      writeStored(file, next);
      kept = next;
    },
  };
}

/** Asks GitHub and AWS everything that the doctor judges. It changes nothing; what is refused becomes a fact of its own. */
import { readFile } from "node:fs/promises";
import { parse as parseYaml } from "yaml";
import * as z from "zod/mini";
import { AuroraRefusal, connectAurora } from "../../aurora/aurora.ts";
import { readClusterSettings } from "../../aurora/read-cluster-settings.ts";
import { environmentUses } from "../../doctor/environment-uses.ts";
import {
  type BranchName,
  type ClusterSettings,
  type EnvironmentUse,
  type Facts,
  isUnread,
  type Known,
  type LedgerFacts,
  type PromotionFacts,
  type RegionFacts,
  type RoleFacts,
} from "../../doctor/facts.ts";
import {
  type Cluster,
  COLLECTOR_FOLDER,
  type CollectorHealth,
  type Config,
  collectorHealthSchema,
  EMPTY_HEAD,
  type Head,
  parse,
  protectionOf,
  STATUS_PATHS,
} from "../../domain/index.ts";
import { type Branch, openBranch } from "../../github/branch.ts";
import type { GitHub } from "../../github/client.ts";
import {
  known,
  readActions,
  readBranch,
  readEnvironments,
  readPages,
  readRepository,
  readRepositorySecrets,
  readRulesets,
  readSubject,
  readWorkflows,
} from "../../github/read-settings.ts";
import { BrokenLedger, type Ledger } from "../../ledger/ledger.ts";
import { sentence } from "../../workers/conduct.ts";

export interface Asked {
  readonly github: GitHub;
  readonly ledger: Ledger;
  readonly status: Branch;
  /** Whether the token is that of a workflow's job. */
  readonly ofJob: boolean;
  readonly config: Known<Config>;
  /** Files that hold what `aws iam get-role` printed. */
  readonly roleFiles: readonly string[];
  /** A head from a job summary or notice. */
  readonly remembered: Head | null;
  readonly countOrphans: (config: Config) => Promise<number>;
  readonly now: Date;
}

export async function readFacts(asked: Asked): Promise<Facts> {
  const { github, config, now } = asked;
  // Without the repository there is nothing to judge, so this one may throw.
  const { repository, token } = await readRepository(github, asked.ofJob);
  const branch = (name: BranchName) => known("Contents: read", () => readBranch(github, name));
  const [main, production, ledger, status] = await Promise.all([branch("main"), branch("production"), branch("ledger"), branch("status")]);
  const [rulesets, actions, workflows, uses, environments, repositorySecrets, promotion, pages, subject] = await Promise.all([
    known("Metadata: read", () => readRulesets(github)),
    known("Administration: read", () => readActions(github)),
    known("Actions: read", () => readWorkflows(github)),
    known("Contents: read", () => readUses(github)),
    known("Actions: read", () => readEnvironments(github)),
    known("Secrets: read", () => readRepositorySecrets(github)),
    known("Contents: read", () => readPromotion(github, repository.defaultBranch)),
    known("Pages: read", () => readPages(github)),
    known("Actions: read", () => readSubject(github)),
  ]);
  return {
    now,
    repository,
    token,
    config,
    branches: { main, production, ledger, status },
    rulesets,
    actions,
    workflows,
    uses,
    environments,
    repositorySecrets,
    promotion,
    pages,
    subject,
    roles: await readRoles(asked.roleFiles),
    ledger: await known("Contents: read", () => readLedger(asked, isUnread(config) ? [] : config.clusters)),
    collectors: await known("Contents: read", () => readCollectors(asked.status)),
    regions: isUnread(config) ? [] : await readRegions(config),
    orphans: isUnread(config) ? config : await aws(() => asked.countOrphans(config)),
  };
}

/** The workflows that run: those of production, or of main before the first promotion. */
async function readUses(github: GitHub): Promise<readonly EnvironmentUse[]> {
  const production = openBranch(github, "production");
  const main = openBranch(github, "main");
  const promoted = await production.head();
  const branch = promoted === null ? main : production;
  const head = promoted ?? (await main.head());
  if (head === null) return [];
  const files = (await branch.files(head)).filter(({ path }) => /^\.github\/workflows\/[^/]+\.ya?ml$/.test(path));
  const texts = await Promise.all(files.map(async ({ path, sha }) => ({ path, text: await branch.read(sha) })));
  return texts.flatMap(({ path, text }) => environmentUses(path.split("/").at(-1) ?? path, parseYaml(text)));
}

async function readPromotion(github: GitHub, defaultBranch: string): Promise<PromotionFacts> {
  const production = openBranch(github, "production");
  const [main, head] = await Promise.all([openBranch(github, defaultBranch).head(), production.head()]);
  if (head === null) return { main: main ?? "", promoted: null, built: false };
  const commit = await github.rest.git.getCommit({ ...github.repository, commit_sha: head });
  const files = await production.files(head);
  return {
    main: main ?? "",
    promoted: /^Promotes: ([0-9a-f]{40})/m.exec(commit.data.message)?.[1] ?? null,
    built: files.some(({ path }) => path === "actions/dist/snapshot.mjs"),
  };
}

const headSchema = z.object({ seq: z.int(), hash: z.string() });

async function readLedger({ ledger, status, remembered }: Asked, clusters: readonly Cluster[]): Promise<LedgerFacts> {
  const published = await readView(status, STATUS_PATHS.head, headSchema);
  try {
    const { entries, head } = await ledger.read();
    const found = remembered === null || remembered.seq === 0 ? undefined : entries[remembered.seq - 1];
    const same = remembered === null || remembered.seq === 0 || found?.hash === remembered.hash;
    const problem =
      found === undefined
        ? `ends at entry ${head.seq}, and entry ${remembered?.seq} was seen before: its tail was cut off`
        : `holds another entry ${found.seq} than was remembered: history was replaced`;
    return {
      head,
      broken: null,
      published,
      remembered: remembered === null ? null : { head: remembered, problem: same ? null : problem },
      protections: Object.fromEntries(clusters.map(({ id }) => [id, protectionOf(entries, id)])),
    };
  } catch (error) {
    if (!(error instanceof BrokenLedger)) throw error;
    return { head: published ?? EMPTY_HEAD, broken: error.message, published: null, remembered: null, protections: {} };
  }
}

async function readView<Schema extends z.ZodMiniType>(status: Branch, path: string, schema: Schema): Promise<z.output<Schema> | null> {
  const head = await status.head();
  if (head === null) return null;
  const file = (await status.files(head)).find((each) => each.path === path);
  return file === undefined ? null : parse(schema, JSON.parse(await status.read(file.sha)), path);
}

async function readCollectors(status: Branch): Promise<readonly CollectorHealth[]> {
  const head = await status.head();
  if (head === null) return [];
  const files = (await status.files(head)).filter(({ path }) => path.startsWith(COLLECTOR_FOLDER));
  return Promise.all(files.map(async ({ path, sha }) => parse(collectorHealthSchema, JSON.parse(await status.read(sha)), path)));
}

async function readRegions(config: Config): Promise<readonly RegionFacts[]> {
  const regions = [...new Set(config.clusters.map(({ region }) => region))];
  return Promise.all(
    regions.map(async (region) => {
      const ids = config.clusters.filter((each) => each.region === region).map(({ id }) => id);
      const clusters: Known<readonly ClusterSettings[]> = await aws(() => readClusterSettings(region, undefined, ids));
      // Whoever was refused once would be refused again, after another minute of retries.
      const quota = isUnread(clusters) ? clusters : await aws(() => connectAurora(region, undefined).snapshotQuota());
      return { region, clusters, quota };
    }),
  );
}

async function aws<T>(read: () => Promise<T>): Promise<Known<T>> {
  try {
    return await read();
  } catch (error) {
    const needs =
      error instanceof AuroraRefusal
        ? "Run the doctor with the role holdfast-read of docs/examples/cloud"
        : "Run the doctor with AWS credentials, for example: aws sso login";
    return { unread: sentence(error), needs };
  }
}

const roleSchema = z.object({ Role: z.object({ Arn: z.string(), AssumeRolePolicyDocument: z.unknown() }) });

async function readRoles(files: readonly string[]): Promise<Known<readonly RoleFacts[]>> {
  if (files.length === 0)
    return {
      unread: "trust policies are read from files, and none was given",
      needs: "aws iam get-role --role-name NAME > role.json, for each role, then: npx --no-install holdfast doctor --role role.json …",
    };
  return Promise.all(
    files.map(async (file) => {
      const { Role } = parse(roleSchema, JSON.parse(await readFile(file, "utf8")), file);
      return { arn: Role.Arn, trust: Role.AssumeRolePolicyDocument };
    }),
  );
}

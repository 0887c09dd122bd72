/**
 * `holdfast.yml`: what is protected, watched and promised. Every default is here and documented by its description; an empty file plus one
 * cluster is a working installation. Reading the file is the caller's; this room only says what it means.
 */
import * as z from "zod/mini";
import { durationText } from "./duration.ts";
import { EVENT_KINDS, FORMAT_NAMES } from "./events.ts";
import { migrationProblems, migrationSettings } from "./migration-settings.ts";
import { identifier } from "./names.ts";
import { InvalidInput, parse } from "./problem.ts";
import { RULE_IDS, ruleId, ruleSettings, SEVERITIES } from "./rule-settings.ts";
import { strictObject } from "./strict-object.ts";

const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"] as const;

/** What an editor shows beside a setting. */
const says = <Schema extends z.ZodMiniType>(description: string, schema: Schema): Schema => schema.check(z.describe(description));

const text = z.string().check(z.minLength(1, "some text"));
const clock = z.string().check(z.regex(/^([01]\d|2[0-3]):[0-5]\d$/, "a time of day, HH:MM from 00:00 to 23:59"));
const cadence = z
  .string()
  .check(z.regex(/^(off|hourly|weekly|daily|daily at ([01]\d|2[0-3]):[0-5]\d)$/, "off, hourly, daily, daily at HH:MM (UTC), or weekly"));
const count = z.int().check(z.minimum(0, "a whole number from 0"), z.maximum(1_000, "a whole number up to 1000"));
const table = z
  .string()
  .check(z.regex(/^[A-Za-z_][A-Za-z0-9_$]*(\.[A-Za-z_][A-Za-z0-9_$]*)?$/, "a table name, with or without its schema"));
const zone = z.string().check(z.refine((name) => isTimeZone(name), "an IANA time zone, for example Europe/London"));

const repositoryName = z.string().check(z.regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,38}\/[A-Za-z0-9._-]{1,100}$/, "owner/name"));

const check = strictObject({
  name: text,
  sql: says("One statement that returns a single true or false; it runs read-only with a time limit.", text),
});

const cluster = strictObject({
  id: says("The DB cluster's identifier at AWS.", identifier),
  engine: z._default(z.enum(["aurora-postgresql", "aurora-mysql"]), "aurora-postgresql"),
  region: z.string().check(z.regex(/^[a-z]{2}(-[a-z]+)+-\d$/, "an AWS region, for example eu-west-1")),
  database: z.string().check(z.regex(/^[A-Za-z_][A-Za-z0-9_]{0,62}$/, "a database name")),
  runner: says("Runner label for jobs that need SQL: a hosted runner cannot enter a private network.", z._default(text, "ubuntu-latest")),
  protect: says("Tables whose invariants are checked.", z._default(z.array(table), [])),
  checks: says("What must hold in a restored cluster before the restore is called done.", z._default(z.array(check), [])),
  objectives: z.prefault(
    strictObject({
      rpo: says("How old the newest recovery point may be.", z._default(durationText, "24h")),
      rto: says("How long a restore may take.", z._default(durationText, "1h")),
    }),
    {},
  ),
  migrations: says("Where the cluster's migrations come from; without it there are none.", z.optional(migrationSettings)),
  logs: says(
    "rds: the collector reads the log files of its instances through the RDS API; off: it does not.",
    z._default(z.enum(["off", "rds"], { error: "off or rds" }), "off"),
  ),
  // Below the time limits of the workflows, which end a job without a word.
  limits: says(
    "How long a worker waits for AWS before it ends and says so.",
    z.prefault(strictObject({ snapshot: z._default(durationText, "2h"), restore: z._default(durationText, "5h") }), {}),
  ),
});

const accessLog = z
  .string()
  .check(
    z.refine(
      (format) => format.includes("%(s)s") && (format.includes("%(r)s") || (format.includes("%(m)s") && format.includes("%(U)s"))),
      "a format with %(s)s and %(r)s, or with %(s)s, %(m)s and %(U)s",
    ),
  );

const mapping = strictObject({
  kind: says("What such a line says happened; none: nothing, whatever it looks like.", z.enum([...EVENT_KINDS, "none"])),
  pattern: says(
    "A regular expression (RE2 syntax, runs in linear time) searched in the line. Its named groups fill the event: actor, ip, target, table, rows, migration, reason, until.",
    text,
  ),
  contains: says("Text that every such line holds, in this case: looked for first, it makes other lines cheap.", z.optional(text)),
});
export type EventMapping = z.output<typeof mapping>;

const app = strictObject({
  name: text,
  cluster: identifier,
  containers: says(
    "Containers whose logs are watched: a name, a compose service (`web`, `shop/web`), or a label (`key=value`).",
    z._default(z.array(text), []),
  ),
  files: says("Log files that are watched, by the name under which they are written.", z._default(z.array(text), [])),
  format: says(
    "The format of its logs. auto finds it line by line; a name also reads what usually stands in the same stream.",
    z._default(z.enum(["auto", ...FORMAT_NAMES]), "auto"),
  ),
  accessLog: says("gunicorn's --access-logformat, where it is not the default.", z.optional(accessLog)),
  timezone: says("The zone of times that do not say theirs.", z._default(zone, "UTC")),
  lateness: says(
    "How late a line may come and still count where it belongs; later ones are reported. Aurora MySQL's error log comes up to 5m late.",
    z._default(durationText, "60s"),
  ),
  events: says(
    "Lines of the team's own that say something happened; they are tried first, in this order.",
    z._default(z.array(mapping), []),
  ),
  overridesFrom: says(
    "Loggers or containers whose plain text may declare an override. Otherwise only JSON fields may: plain text can hold lines that a user wrote.",
    z._default(z.array(text), []),
  ),
  quiet: says("How long its logs may say nothing before that is a reason for concern.", z._default(durationText, "6h")),
  canary: says(
    "Where a canary is sent: an address of the app that shows in its access log with its query. Without one, no canary is sent.",
    z.optional(strictObject({ url: z.url("an http or https address"), within: z._default(durationText, "5m") })),
  ),
  admin: says(
    "Who and what counts as an administrator's work.",
    z.prefault(strictObject({ actors: z._default(z.array(text), []), paths: z._default(z.array(text), []) }), {}),
  ),
});

const route = strictObject({
  match: says(
    "Which alerts; what is left out matches all. Every route that matches is followed, and nobody is told twice.",
    z.prefault(
      strictObject({
        severity: z.optional(z.enum(SEVERITIES)),
        rule: z.optional(ruleId),
        app: z.optional(text),
        cluster: z.optional(identifier),
      }),
      {},
    ),
  ),
  slack: z.optional(strictObject({ secret: says("Name of the secret that holds the webhook's address.", text) })),
  email: z.optional(
    strictObject({
      to: z.array(z.email("an e-mail address")).check(z.minLength(1, "at least one address")),
      when: says(
        "always, or fallback: only while Slack does not answer.",
        z._default(z.enum(["always", "fallback"], { error: "always or fallback" }), "always"),
      ),
      from: says("The sender; the first recipient where nothing is said.", z.optional(z.email("an e-mail address"))),
      secret: says(
        "Name of the secret that holds the mail server's address: smtps://user:password@host:465, or smtp:// with STARTTLS.",
        z._default(text, "SMTP_URL"),
      ),
    }),
  ),
});

const retention = strictObject({
  daily: says("Days whose newest scheduled snapshot is kept; days are those of UTC.", z._default(count, 7)),
  weekly: says("The same for weeks, which begin on Monday.", z._default(count, 4)),
  monthly: says("The same for months.", z._default(count, 3)),
  preMigration: says("How long a snapshot taken before a migration is kept at least.", z._default(durationText, "14d")),
  minimumAge: says("No snapshot younger than this is deleted, whatever the rules say.", z._default(durationText, "2d")),
  perRun: says("How many snapshots one run deletes at most.", z._default(count, 5)),
});

/** What is kept where `holdfast.yml` says nothing about it. */
export const DEFAULT_RETENTION = retention.parse({});

export const configSchema = strictObject({
  clusters: says("The DB clusters under protection.", z.array(cluster).check(z.minLength(1, "at least one cluster"))),
  apps: says("The services whose container logs are watched.", z._default(z.array(app), [])),
  rules: says(
    "What is counted, by the name of the rule: ours with what is changed about them, and a team's own, which say what to `count`.",
    z._default(ruleSettings, {}),
  ),
  maintenance: z._default(
    z.array(
      strictObject({
        days: z.array(z.enum(DAYS)).check(z.minLength(1, "at least one day")),
        from: clock,
        to: clock,
        timezone: z._default(zone, "UTC"),
      }),
    ),
    [],
  ),
  schedule: says(
    "When work is due, in UTC: off, hourly, daily, daily at HH:MM, weekly.",
    z.prefault(
      strictObject({
        snapshot: z._default(cadence, "daily at 03:17"),
        drill: z._default(cadence, "weekly"),
        retention: says("The deletion of snapshots that no rule keeps.", z._default(cadence, "daily at 04:47")),
        canary: z._default(cadence, "hourly"),
        pull: says("The merge of alert artifacts of other runs and repositories.", z._default(cadence, "off")),
        detect: says("The pass over database logs for where no collector can run.", z._default(cadence, "off")),
      }),
      {},
    ),
  ),
  retention: z.prefault(retention, {}),
  approvals: z.prefault(
    strictObject({
      approvers: z._default(z.array(text), []),
      required: z._default(z.int().check(z.minimum(0, "a whole number from 0")), 1),
      validFor: z._default(durationText, "24h"),
      // dispatch: where GitHub's plan has no reviewers, approvals of migrations are also runs of respond.yml by other people.
      migrations: z._default(z.enum(["environment", "dispatch"]), "environment"),
    }),
    {},
  ),
  notify: says("Who is told of which alerts.", z._default(z.array(route), [])),
  pull: says(
    "Whose alert artifacts are merged into the ledger: runs of these branches in this repository and in those named here.",
    z.prefault(
      strictObject({
        artifact: z._default(text, "holdfast-alerts"),
        repositories: z._default(z.array(repositoryName), []),
        branches: z._default(z.array(text), ["main", "production"]),
      }),
      {},
    ),
  ),
  suppressions: says(
    "How long what hides alerts may last before it must be asked for again.",
    z.prefault(strictObject({ silence: z._default(durationText, "24h"), override: z._default(durationText, "8h") }), {}),
  ),
  privacy: says(
    "private: the ledger names accounts and addresses and quotes redacted lines, so the repository must be private. strict: keyed hashes and counts instead.",
    z._default(z.enum(["private", "strict"]), "private"),
  ),
});

/** The configuration in force, every default filled in. */
export type Config = z.output<typeof configSchema>;
export type Cluster = Config["clusters"][number];

/**
 * Reads a parsed `holdfast.yml`. Throws InvalidInput with every problem at once: shapes, unknown keys (with a suggestion), apps on unknown
 * clusters, names given twice.
 */
export function parseConfig(document: unknown): Config {
  const config = parse(configSchema, document ?? {}, "holdfast.yml");
  const known = config.clusters.map((each) => each.id);
  const problems = [
    ...repeated(known).map((id) => ({ path: "clusters", found: `"${id}" twice`, allowed: "one cluster per id" })),
    ...repeated(config.apps.map((each) => each.name)).map((name) => ({
      path: "apps",
      found: `"${name}" twice`,
      allowed: "one app per name",
    })),
    ...config.apps.flatMap((each, index) =>
      known.includes(each.cluster)
        ? []
        : [{ path: `apps[${index}].cluster`, found: `"${each.cluster}"`, allowed: `one of the clusters: ${known.join(", ")}` }],
    ),
    ...config.clusters.flatMap(({ migrations }, index) =>
      migrations === undefined ? [] : migrationProblems(migrations, `clusters[${index}].migrations`),
    ),
    ...config.notify.flatMap((each, index) => routeProblems(each, `notify[${index}]`, config)),
    ...Object.keys(config.rules).flatMap((id) =>
      z.safeParse(ruleId, id).success
        ? []
        : [{ path: `rules.${id}`, found: `"${id}"`, allowed: "a name of at most 40 characters: lower-case words joined by hyphens" }],
    ),
  ];
  if (problems.length > 0) throw new InvalidInput("holdfast.yml", problems);
  return config;
}

/** A route that can never match or reaches nobody would be found out on the day it is needed. */
function routeProblems({ match, slack, email }: Config["notify"][number], path: string, { apps, clusters, rules }: Config) {
  const unknown = (part: "app" | "cluster" | "rule", known: readonly string[]) => {
    const name = match[part];
    if (name === undefined || known.includes(name)) return [];
    return [{ path: `${path}.match.${part}`, found: `"${name}"`, allowed: `one of the ${part}s: ${known.join(", ") || "there are none"}` }];
  };
  return [
    ...unknown("rule", [...new Set<string>([...RULE_IDS, ...Object.keys(rules)])]),
    ...unknown(
      "app",
      apps.map((each) => each.name),
    ),
    ...unknown(
      "cluster",
      clusters.map((each) => each.id),
    ),
    ...(slack === undefined && email === undefined ? [{ path, found: "neither slack nor email", allowed: "at least one of them" }] : []),
  ];
}

/** The cluster with this id, or InvalidInput that lists the ones there are. */
export function findCluster(config: Config, id: string): Cluster {
  const found = config.clusters.find((each) => each.id === id);
  if (found) return found;
  throw new InvalidInput("cluster", [
    {
      path: "cluster",
      found: `"${id}"`,
      allowed: `one of the clusters in holdfast.yml: ${config.clusters.map((each) => each.id).join(", ")}`,
    },
  ]);
}

function repeated(names: readonly string[]): string[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

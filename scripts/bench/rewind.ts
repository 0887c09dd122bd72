/**
 * `npm run bench -- --rewind`: some thousand damaged rows taken back in a table of a million, beside what people do by hand: restore, dump the
 * table, load it into the live database under another name, and copy the column back. Both from the same images, which the sandbox's own workflow
 * restores, and beside a drill of the same cluster. The sandbox needs the bundles only through its promotion, which builds them.
 */
import { execFile, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import pg from "pg";
import { applyRewind } from "../../actions/src/database/rewind/apply-rewind.ts";
import { findDamage } from "../../actions/src/database/rewind/find-damage.ts";
import { openImage, type RewindImage } from "../../actions/src/database/rewind/open-image.ts";
import { planRewind } from "../../actions/src/database/rewind/plan-rewind.ts";
import { imageTimes } from "../../actions/src/recovery/rewind/damage.ts";
import { countPlan } from "../../actions/src/recovery/rewind/plan.ts";
import { type Caller, openCaller } from "../drill/github-caller.ts";
import { entriesOf } from "../drill/ledger-entries.ts";
import { readAccess } from "../sandbox/access.ts";
import { type Sandbox, startSandbox } from "../sandbox/sandbox.ts";

export interface RewindOptions {
  readonly rows: number;
  readonly damaged: number;
  readonly say: (line: string) => void;
}

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const LIVE = "app-prod";
/** Rows that good writers change before, and after, the damage. */
const GOOD_WRITES = 500;

/** Whether every row ended as it should; the table goes to stdout. */
export async function benchRewind(options: RewindOptions): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-bench-"));
  const state = join(folder, "state");
  const sandbox = await startSandbox({ state, checkout: ROOT });
  try {
    options.say("Promoting main");
    await sandbox.promote();
    const { tokens } = await readAccess(state, sandbox.github);
    const caller = openCaller(sandbox.github.url, "acme/holdfast", tokens.operator);
    return await benchIn(sandbox, caller, folder, options);
  } finally {
    await sandbox.close();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Took {
  readonly seconds: number;
  /** Ours, and that of the sessions in the images. */
  readonly processor: number;
}

async function benchIn(sandbox: Sandbox, caller: Caller, folder: string, { rows, damaged, say }: RewindOptions): Promise<boolean> {
  const images: { live?: RewindImage; before?: RewindImage; after?: RewindImage } = {};
  const timed = async <T>(what: string, work: () => Promise<T>): Promise<{ readonly took: Took; readonly result: T }> => {
    const [started, busy] = [performance.now(), await processorSeconds(Object.values(images))];
    const result = await work();
    const processor = (await processorSeconds(Object.values(images))) - busy;
    const took = { seconds: (performance.now() - started) / 1000, processor };
    say(`${what}: ${tell(took)}`);
    return { took, result };
  };
  const damageSql = `update customers set password_hash = md5('changeme' || id) where id % ${Math.floor(rows / damaged)} = 7`;
  await timed("Fill", () => fill(sandbox, rows));
  const from = new Date();
  await goodWrites(sandbox, rows, "before", 3);
  await pause(1_100);
  await run(sandbox, LIVE, damageSql);
  await pause(1_100);
  await goodWrites(sandbox, rows, "since", 7);
  const to = new Date();

  const live = await imageOf(sandbox, LIVE);
  images.live = live;
  try {
    const { took: finding, result: report } = await timed("Find the damage", () => findDamage(live, { tables: ["customers"], from, to }));
    if (!report.found) throw new Error(report.problem);
    const times = imageTimes(report.damage);
    const restored = await timed("Restore the image before", () => restore(sandbox, caller, "before", times.before));
    const drilled = await timed("Drill of the newest second, scratch cluster removed", () => drill(sandbox, caller));
    const { took: second } = await timed("Restore the image after", () => restore(sandbox, caller, "after", times.after));
    const before = await imageOf(sandbox, "before");
    images.before = before;
    const after = await imageOf(sandbox, "after");
    images.after = after;
    const three = { before, after, live };
    const { took: planning, result: planned } = await timed("Plan", () =>
      planRewind(three, { tables: ["customers"], damage: report.damage }),
    );
    if (planned.kind !== "plan") throw new Error(planned.problem);
    const { took: applying, result: applied } = await timed("Apply", () => applyRewind(three, planned.plan));
    const { took: repeating, result: again } = await timed("Apply again, nothing to do", () => applyRewind(three, planned.plan));
    const wrong = await wrongRows(sandbox, rows, damaged);
    if (pgTools()) await run(sandbox, LIVE, damageSql);
    const byHand = pgTools() ? await timed("By hand", () => restoreByHand(sandbox, folder)) : null;
    const wrongByHand = byHand === null ? 0 : await wrongRows(sandbox, rows, damaged);
    const rewinding = finding.seconds + planning.seconds + applying.seconds;
    const whole = rewinding + restored.took.seconds + second.seconds;
    const ratio = (byHandSeconds: number) =>
      `${(rewinding / byHandSeconds).toFixed(1)} without the restores, ${(whole / (restored.took.seconds + byHandSeconds)).toFixed(1)} with them (two against one)`;
    process.stdout.write(`\n## Rewinding rows

\`npm run bench -- --rewind --rows ${rows} --damaged ${damaged}\` (${cpus().length} cores, Node ${process.versions.node}, PostgreSQL 15; all servers on this machine)

| | |
|---|---|
| Rows, of which damaged by one transaction | ${rows}, ${damaged} |
| Restore of the whole cluster to the second before, by \`restore.yml\`: to the end of the run, of which until the last check | ${restored.took.seconds.toFixed(2)} s, ${restored.result.toFixed(2)} s |
| Drill of the newest second, by \`drill.yml\`: until the scratch cluster is gone, of which until the last check | ${drilled.took.seconds.toFixed(2)} s, ${drilled.result.toFixed(2)} s |
| Restore of the second image, the rewind's alone | ${second.seconds.toFixed(2)} s |
| Finding the damaging transaction in the live database | ${tell(finding)} |
| Plan: the images compared by checksums, ${countPlan(planned.plan).changed} rows to change, ${planned.plan.questions.length} asked about | ${tell(planning)} |
| Apply: ${applied.changed} rows, proven before and after the commit | ${tell(applying)} |
| Apply again: ${again.already} rows found done | ${tell(repeating)} |
| Rows wrong afterwards | ${wrong} |
| The whole process at its peak, the sandbox included | ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB |
| By hand: \`pg_dump\` of the table, \`psql\` into the live database, one \`UPDATE\` that knows the damaged value | ${byHand === null ? "skipped: pg_dump and psql are not on this machine, nor in the npm packages of PostgreSQL" : `${byHand.took.seconds.toFixed(2)} s, ${wrongByHand} rows wrong`} |
| Find, plan and apply by the time that it takes by hand | ${byHand === null ? "not measured" : ratio(byHand.took.seconds)} |
`);
    return wrong === 0 && applied.changed === damaged;
  } finally {
    for (const image of Object.values(images)) await image.close();
  }
}

const tell = ({ seconds, processor }: Took): string => `${seconds.toFixed(2)} s, ${processor.toFixed(2)} s of processor`;

/** Gives the duration that the ledger records. */
async function restore(sandbox: Sandbox, caller: Caller, target: string, time: Date): Promise<number> {
  const request = { cluster: LIVE, target, snapshot: "", time: time.toISOString(), reason: "An image for a measurement" };
  return recorded(sandbox, caller, "restore", request);
}

async function drill(sandbox: Sandbox, caller: Caller): Promise<number> {
  return recorded(sandbox, caller, "drill", { cluster: LIVE, tier: "continuous", reason: "To measure how long it takes" });
}

async function recorded(
  { github }: Sandbox,
  caller: Caller,
  work: "restore" | "drill",
  request: Readonly<Record<string, string>>,
): Promise<number> {
  const requestId = randomUUID();
  await caller.run(`${work}.yml`, { ...request, request_id: requestId });
  const completed = entriesOf(github.gitDir, requestId).find((entry) => entry.kind === `${work}.completed`);
  return Number(completed?.data.durationSeconds);
}

/** One by one, as applications write. */
async function goodWrites(sandbox: Sandbox, rows: number, note: string, remainder: number): Promise<void> {
  const client = new pg.Client(await addressOf(sandbox, LIVE));
  await client.connect();
  const step = Math.floor(rows / GOOD_WRITES);
  for (let id = remainder; id <= rows; id += step) await client.query("update customers set note = $2 where id = $1", [id, note]);
  await client.end();
}

async function fill(sandbox: Sandbox, rows: number): Promise<void> {
  await run(
    sandbox,
    LIVE,
    `create table customers (id bigint generated always as identity primary key, email text not null unique, password_hash text not null, note text, created_at timestamptz not null default now());
     insert into customers (email, password_hash) select 'user' || n || '@example.com', md5('old' || n) from generate_series(1, ${rows}) n`,
  );
  await run(sandbox, LIVE, "vacuum analyze customers");
}

/** Rows whose hash is not the old one, or whose note is not what good writers left. */
async function wrongRows(sandbox: Sandbox, rows: number, damaged: number): Promise<number> {
  const step = Math.floor(rows / GOOD_WRITES);
  const note = `case id % ${step} when 3 then 'before' when 7 then 'since' end`;
  const [row] = await run<{ n: number }>(
    sandbox,
    LIVE,
    `select count(*)::int as n from customers where password_hash <> md5('old' || id) or note is distinct from ${note}`,
  );
  const [total] = await run<{ n: number }>(sandbox, LIVE, "select count(*)::int as n from customers");
  return (row?.n ?? damaged) + Math.abs((total?.n ?? 0) - rows);
}

/** What a careful person does who has the restored image and knows the damaged value. */
async function restoreByHand(sandbox: Sandbox, folder: string): Promise<void> {
  const dump = join(folder, "customers.sql");
  const [before, live] = [await addressOf(sandbox, "before"), await addressOf(sandbox, LIVE)];
  await tool("pg_dump", before, ["--no-owner", "--table=customers", "--data-only", `--file=${dump}`]);
  await tool("psql", live, ["-c", "create schema old", "-c", "create table old.customers (like public.customers)"]);
  await tool("sed", null, ["-i", "s/^COPY public.customers/COPY old.customers/; /setval/d", dump]);
  await tool("psql", live, ["-f", dump]);
  await run(
    sandbox,
    LIVE,
    "update customers u set password_hash = o.password_hash from old.customers o where o.id = u.id and u.password_hash = md5('changeme' || u.id)",
  );
}

/** Ours, and that of the servers' processes behind the three sessions; on a machine with neighbours it says more than the clock. */
async function processorSeconds(images: readonly RewindImage[]): Promise<number> {
  const { user, system } = process.cpuUsage();
  let seconds = (user + system) / 1e6;
  for (const { client } of images) {
    const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
    const stat = await readFile(`/proc/${rows[0]?.pid}/stat`, "utf8").catch(() => "");
    // Behind the name, which may hold anything, the twelfth and thirteenth field are user's and system's, in hundredths.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    seconds += (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / 100;
  }
  return seconds;
}

const pgTools = () => ["pg_dump", "psql"].every((name) => spawnSync(name, ["--version"]).status === 0);

/** Not waited for in this thread's sleep: the way to each server leads through this process. */
async function tool(name: string, address: Address | null, args: readonly string[]): Promise<void> {
  const connection =
    address === null
      ? {}
      : {
          PGHOST: address.host,
          PGPORT: String(address.port),
          PGUSER: address.user,
          PGPASSWORD: address.password,
          PGDATABASE: address.database,
        };
  await promisify(execFile)(name, [...args], { env: { PATH: process.env.PATH, ...connection } });
}

async function imageOf(sandbox: Sandbox, id: string): Promise<RewindImage> {
  return openImage({ ...(await addressOf(sandbox, id)), tls: { mode: "disable" } });
}

async function run<Row extends pg.QueryResultRow>(sandbox: Sandbox, id: string, sql: string): Promise<readonly Row[]> {
  const client = new pg.Client(await addressOf(sandbox, id));
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

type Address = Awaited<ReturnType<typeof addressOf>>;

const addressOf = async ({ aws }: Sandbox, id: string) => ({ ...(await aws.endpoint(id)), ...aws.master });
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

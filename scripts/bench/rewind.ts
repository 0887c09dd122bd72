/**
 * `npm run bench -- --rewind`: some thousand damaged rows taken back in a table of a million, beside what people do by hand: restore, dump the
 * table, load it into the live database under another name, and copy the column back. Both from the same restored images, on a real PostgreSQL.
 */
import { execFile, spawnSync } from "node:child_process";
import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { applyRewind } from "../../actions/src/database/rewind/apply-rewind.ts";
import { findDamage } from "../../actions/src/database/rewind/find-damage.ts";
import { openImage, type RewindImage } from "../../actions/src/database/rewind/open-image.ts";
import { planRewind } from "../../actions/src/database/rewind/plan-rewind.ts";
import { imageTimes } from "../../actions/src/recovery/rewind/damage.ts";
import { countPlan } from "../../actions/src/recovery/rewind/plan.ts";
import { type Postgres, startPostgres } from "../sandbox/postgres/postgres.ts";

export interface RewindOptions {
  readonly rows: number;
  readonly damaged: number;
  readonly say: (line: string) => void;
}

const master = { user: "holdfast_admin", password: "for one measurement" };
/** Rows that good writers change before, and after, the damage. */
const GOOD_WRITES = 500;

/** Whether every row ended as it should; the table goes to stdout. */
export async function benchRewind(options: RewindOptions): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-bench-"));
  await chmod(folder, 0o755);
  const postgres = await startPostgres({ state: join(folder, "state"), segmentsPerBase: Number.MAX_SAFE_INTEGER });
  try {
    return await benchIn(postgres, folder, options);
  } finally {
    await postgres.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function benchIn(postgres: Postgres, folder: string, { rows, damaged, say }: RewindOptions): Promise<boolean> {
  const took: Record<string, string> = {};
  const images: { live?: RewindImage; before?: RewindImage; after?: RewindImage } = {};
  const timed = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    const [started, busy] = [performance.now(), await processorSeconds(Object.values(images))];
    const result = await work();
    const processor = (await processorSeconds(Object.values(images))) - busy;
    took[what] = `${((performance.now() - started) / 1000).toFixed(2)} s, ${processor.toFixed(2)} s of processor`;
    say(`${what}: ${took[what]}`);
    return result;
  };
  await postgres.create("live", "app", master);
  await postgres.open("live", "live");
  await timed("fill", () => fill(postgres, rows));
  const from = new Date();
  await goodWrites(postgres, rows, "before", 3);
  await pause(1_100);
  await run(postgres, "live", `update users set password_hash = md5('changeme' || id) where id % ${Math.floor(rows / damaged)} = 7`);
  await pause(1_100);
  await goodWrites(postgres, rows, "since", 7);
  const to = new Date();

  const live = await imageOf(postgres, "live");
  images.live = live;
  try {
    const report = await timed("find the damage", () => findDamage(live, { tables: ["users"], from, to }));
    if (!report.found) throw new Error(report.problem);
    const times = imageTimes(report.damage);
    await timed("restore both images", () =>
      Promise.all([postgres.restoreToTime("live", times.before, "before"), postgres.restoreToTime("live", times.after, "after")]),
    );
    for (const id of ["before", "after"]) await postgres.open(id, id);
    const before = await imageOf(postgres, "before");
    images.before = before;
    const after = await imageOf(postgres, "after");
    images.after = after;
    const three = { before, after, live };
    const planned = await timed("plan", () => planRewind(three, { tables: ["users"], damage: report.damage }));
    if (planned.kind !== "plan") throw new Error(planned.problem);
    const applied = await timed("apply", () => applyRewind(three, planned.plan));
    const again = await timed("apply again, nothing to do", () => applyRewind(three, planned.plan));
    const wrong = await wrongRows(postgres, rows, damaged);
    const byHand = pgTools() ? await timed("by hand", async () => restoreByHand(postgres, folder, rows, damaged)) : null;
    process.stdout.write(`\n## Rewinding rows

\`npm run bench -- --rewind --rows ${rows} --damaged ${damaged}\` (${cpus().length} cores, Node ${process.versions.node}, PostgreSQL 15; three servers on this machine)

| | |
|---|---|
| Rows, of which damaged by one transaction | ${rows}, ${damaged} |
| Both images restored (PITR over ${GOOD_WRITES * 2} good writes and the filling of the table) | ${took["restore both images"]?.split(",")[0]} |
| Finding the damaging transaction in the live database | ${took["find the damage"]} |
| Plan: the images compared by checksums, ${countPlan(planned.plan).changed} rows to change, ${planned.plan.questions.length} asked about | ${took.plan} |
| Apply: ${applied.changed} rows, proven before and after the commit | ${took.apply} |
| Apply again: ${again.already} rows found done | ${took["apply again, nothing to do"]} |
| Rows wrong afterwards | ${wrong} |
| The whole process at its peak | ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB |
| By hand: \`pg_dump\` of the table, \`psql\` into the live database, one \`UPDATE\` that knows the damaged value | ${byHand === null ? "pg_dump and psql are not on this machine" : `${took["by hand"]?.split(",")[0]}, ${byHand} rows wrong`} |
`);
    return wrong === 0 && applied.changed === damaged;
  } finally {
    for (const image of Object.values(images)) await image.close();
  }
}

/** One by one, as applications write. */
async function goodWrites(postgres: Postgres, rows: number, note: string, remainder: number): Promise<void> {
  const client = new pg.Client(await addressOf(postgres, "live"));
  await client.connect();
  const step = Math.floor(rows / GOOD_WRITES);
  for (let id = remainder; id <= rows; id += step) await client.query("update users set note = $2 where id = $1", [id, note]);
  await client.end();
}

async function fill(postgres: Postgres, rows: number): Promise<void> {
  await run(
    postgres,
    "live",
    `create table users (id bigint generated always as identity primary key, email text not null unique, password_hash text not null, note text, created_at timestamptz not null default now());
     insert into users (email, password_hash) select 'user' || n || '@example.com', md5('old' || n) from generate_series(1, ${rows}) n`,
  );
  await run(postgres, "live", "vacuum analyze users");
}

/** Rows whose hash is not the old one, or whose note is not what good writers left. */
async function wrongRows(postgres: Postgres, rows: number, damaged: number): Promise<number> {
  const step = Math.floor(rows / GOOD_WRITES);
  const note = `case id % ${step} when 3 then 'before' when 7 then 'since' end`;
  const [row] = await run<{ n: number }>(
    postgres,
    "live",
    `select count(*)::int as n from users where password_hash <> md5('old' || id) or note is distinct from ${note}`,
  );
  const [total] = await run<{ n: number }>(postgres, "live", "select count(*)::int as n from users");
  return (row?.n ?? damaged) + Math.abs((total?.n ?? 0) - rows);
}

/** The same damage once more, taken back as a careful person would; gives how many rows are wrong then. */
async function restoreByHand(postgres: Postgres, folder: string, rows: number, damaged: number): Promise<number> {
  const modulus = Math.floor(rows / damaged);
  await run(postgres, "live", `update users set password_hash = md5('changeme' || id) where id % ${modulus} = 7`);
  const dump = join(folder, "users.sql");
  await tool("pg_dump", await postgres.portOf("before"), ["--no-owner", "--table=users", "--data-only", `--file=${dump}`]);
  await tool("psql", await postgres.portOf("live"), ["-c", "create schema old", "-c", "create table old.users (like public.users)"]);
  await tool("sed", null, ["-i", "s/^COPY public.users/COPY old.users/; /setval/d", dump]);
  await tool("psql", await postgres.portOf("live"), ["-f", dump]);
  await run(
    postgres,
    "live",
    "update users u set password_hash = o.password_hash from old.users o where o.id = u.id and u.password_hash = md5('changeme' || u.id)",
  );
  return wrongRows(postgres, rows, damaged);
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
async function tool(name: string, port: number | null, args: readonly string[]): Promise<void> {
  const connection =
    port === null ? {} : { PGHOST: "127.0.0.1", PGPORT: String(port), PGUSER: master.user, PGPASSWORD: master.password, PGDATABASE: "app" };
  await promisify(execFile)(name, [...args], { env: { PATH: process.env.PATH, ...connection } });
}

async function imageOf(postgres: Postgres, id: string): Promise<RewindImage> {
  return openImage({ ...(await addressOf(postgres, id)), tls: { mode: "disable" } });
}

async function run<Row extends pg.QueryResultRow>(postgres: Postgres, id: string, sql: string): Promise<readonly Row[]> {
  const client = new pg.Client(await addressOf(postgres, id));
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

const addressOf = async (postgres: Postgres, id: string) => ({
  host: "127.0.0.1",
  port: await postgres.portOf(id),
  database: "app",
  ...master,
});
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

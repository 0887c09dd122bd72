/**
 * Random days with one accident in them, on a real PostgreSQL, beside a model that had the same day without the accident. After the rewind the
 * database has to be the model, and nobody may have been asked about a row that no good writer touched.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { randomFrom } from "../../scripts/drill/random-from.ts";
import { applyRewind } from "../src/database/rewind/apply-rewind.ts";
import { findDamage } from "../src/database/rewind/find-damage.ts";
import { planRewind } from "../src/database/rewind/plan-rewind.ts";
import type { DamageHints } from "../src/recovery/rewind/damage.ts";
import { decide } from "../src/recovery/rewind/decide.ts";
import { parsePlan, type Question, type RewindPlan } from "../src/recovery/rewind/plan.ts";
import { openRewindDatabases, type RewindDatabases, type RewindWorld } from "./rewind-databases.ts";

let databases: RewindDatabases;

beforeAll(async () => {
  databases = await openRewindDatabases();
});

afterAll(() => databases.close());

const SCHEMA = `
  create table accounts (
    id bigint generated always as identity primary key,
    email text not null unique,
    hash text not null,
    status text not null,
    note text,
    shout text generated always as (upper(note)) stored
  );
  create table orders (
    id bigint generated always as identity primary key,
    account_id bigint not null references accounts (id) on delete cascade,
    amount numeric(10, 2) not null,
    status text not null
  );
  insert into accounts (email, hash, status, note)
    select 'user' || n || '@example.com', 'hash ' || n, (array['active', 'paused', 'locked'])[1 + n % 3], case when n % 4 > 0 then 'note ' || n end from generate_series(1, 120) n;
  insert into orders (account_id, amount, status) select 1 + n % 120, n, 'placed' from generate_series(1, 240) n;
`;

type Row = Record<string, unknown>;
type Table = "accounts" | "orders";

class Day {
  readonly world: RewindWorld;
  readonly random: () => number;
  /** What the tables would hold without the accident. */
  readonly truth: Record<Table, Map<number, Row>> = { accounts: new Map(), orders: new Map() };
  /** Rows that a good writer wrote after the first image, as `table id`. */
  readonly touched = new Set<string>();
  /** Rows written after the second image. */
  readonly late = new Set<string>();
  readonly victims = new Set<number>();
  #values = 0;

  constructor(world: RewindWorld, random: () => number) {
    this.world = world;
    this.random = random;
  }

  async rows(table: Table): Promise<Map<number, Row>> {
    const rows = await this.world.run<{ row: Row }>(`select to_jsonb(t) as row from ${table} t`);
    return new Map(rows.map(({ row }) => [Number(row.id), row]));
  }

  async begin(): Promise<void> {
    for (const table of ["accounts", "orders"] as const) for (const [id, row] of await this.rows(table)) this.truth[table].set(id, row);
  }

  pick<T>(list: readonly T[]): T | undefined {
    return list[Math.floor(this.random() * list.length)];
  }

  /** One that is there for the writer, and would be there without the accident. */
  async someone(table: Table, fits: (id: number) => boolean = () => true): Promise<number | undefined> {
    const there = await this.rows(table);
    return this.pick([...this.truth[table].keys()].filter((id) => there.has(id) && fits(id)));
  }

  async set(table: Table, id: number, column: string, value: unknown): Promise<void> {
    await this.world.run(`update ${table} set ${column} = $2 where id = $1`, [id, value]);
    const row = this.truth[table].get(id);
    if (row === undefined) throw new Error(`${table} ${id} is not in the model`);
    const changed = { ...row, [column]: value };
    this.truth[table].set(
      id,
      "note" in changed ? { ...changed, shout: typeof changed.note === "string" ? changed.note.toUpperCase() : null } : changed,
    );
    this.touched.add(`${table} ${id}`);
  }

  async insert(table: Table, sql: string, parameters: readonly unknown[]): Promise<void> {
    const [made] = await this.world.run<{ row: Row }>(`${sql} returning to_jsonb(${table}) as row`, parameters);
    if (made === undefined) throw new Error(`nothing was inserted into ${table}`);
    const { row } = made;
    this.truth[table].set(Number(row.id), row);
    this.touched.add(`${table} ${row.id}`);
  }

  async remove(table: Table, id: number): Promise<void> {
    await this.world.run(`delete from ${table} where id = $1`, [id]);
    this.forget(table, id);
  }

  forget(table: Table, id: number): void {
    this.truth[table].delete(id);
    this.touched.add(`${table} ${id}`);
    if (table === "accounts") for (const [order, row] of this.truth.orders) if (row.account_id === id) this.forget("orders", order);
  }

  fresh(what: string): string {
    this.#values += 1;
    return `${what} ${this.#values}`;
  }

  /** `free`: whether a damaged column of a victim may be written, `mayDelete`: whether rows may go. */
  async goodWrite(free: boolean, mayDelete: boolean): Promise<void> {
    const roll = this.random();
    const elsewhere = (id: number) => free || !this.victims.has(id);
    if (roll < 0.35) await this.change("accounts", "note", this.random() < 0.2 ? null : this.fresh("noted"));
    else if (roll < 0.5) await this.change("accounts", "hash", this.fresh("chosen"), elsewhere);
    else if (roll < 0.6) await this.change("accounts", "status", this.pick(["active", "paused", "closed"]), elsewhere);
    else if (roll < 0.75) await this.change("orders", "amount", Math.floor(this.random() * 10_000) / 100);
    else if (roll < 0.82)
      await this.insert("accounts", "insert into accounts (email, hash, status) values ($1, $2, 'active')", [
        this.fresh("mail"),
        this.fresh("chosen"),
      ]);
    else if (roll < 0.9) {
      const account = await this.someone("accounts");
      if (account !== undefined)
        await this.insert("orders", "insert into orders (account_id, amount, status) values ($1, 7, 'placed')", [account]);
    } else if (mayDelete) {
      const table = this.random() < 0.7 ? "orders" : "accounts";
      const id = await this.someone(table);
      if (id !== undefined) await this.remove(table, id);
    }
  }

  async change(table: Table, column: string, value: unknown, fits?: (id: number) => boolean): Promise<void> {
    const id = await this.someone(table, fits);
    if (id !== undefined) await this.set(table, id, column, value);
  }
}

interface Accident {
  readonly oneValue: boolean;
  readonly status: boolean;
  readonly deletes: boolean;
  readonly adds: boolean;
}

/** Of those that are in the first image: what was made after it and deleted by the accident is in no image, and cannot come back. */
async function accident(
  day: Day,
  { oneValue, status, deletes, adds }: Accident,
  before: Readonly<Record<Table, ReadonlyMap<number, Row>>>,
): Promise<void> {
  const old = (table: Table) => `id <= ${Math.max(...before[table].keys())}`;
  const statements = [
    `update accounts set hash = ${oneValue ? "'RESET'" : "md5('salt' || id)"}${status ? ", status = 'locked'" : ""} where id in (${[...day.victims].join(", ")})`,
    ...(deletes
      ? [
          `delete from accounts where id % 17 = 3 and ${old("accounts")} and id not in (${[...day.victims].join(", ")})`,
          `delete from orders where id % 9 = 4 and ${old("orders")}`,
        ]
      : []),
    ...(adds ? ["insert into accounts (email, hash, status) select 'junk' || n, 'junk', 'active' from generate_series(1, 5) n"] : []),
  ];
  await day.world.run(`begin; ${statements.join("; ")}; commit`);
}

/** A person who knows what ought to be there. */
function answer(day: Day, question: Question, before: ReadonlyMap<number, Row>): "keep" | "bring-back" {
  const id = Number(question.key[0]);
  const table: Table = question.table === "public.orders" ? "orders" : "accounts";
  const right = day.truth[table].get(id);
  if (question.kind === "added-by-damage") return "bring-back";
  if (question.kind === "unclear-deletion") return right === undefined ? "keep" : "bring-back";
  const [column = ""] = question.columns;
  return right !== undefined && right[column] === before.get(id)?.[column] ? "bring-back" : "keep";
}

/** More by hand: every seed is a day of its own. */
const SEEDS = (process.env.REWIND_SEEDS ?? "1,2,4,6").split(",").map(Number);

test.each(SEEDS)("day %i ends as it would have without its accident", async (seed) => {
  const random = randomFrom(seed);
  const what: Accident = { oneValue: random() < 0.5, status: random() < 0.4, deletes: random() < 0.5, adds: random() < 0.3 };
  const world = await databases.create(SCHEMA);
  const day = new Day(world, random);
  await day.begin();
  for (let id = 1; id <= 120; id++) if (random() < 0.5) day.victims.add(id);

  for (let n = 0; n < 10; n++) await day.goodWrite(true, true);
  const from = await world.now();
  const before = { accounts: await day.rows("accounts"), orders: await day.rows("orders") };
  day.touched.clear();
  await world.takeImage("before");
  for (let n = 0; n < 10; n++) await day.goodWrite(false, !what.deletes);
  await accident(day, what, before);
  for (let n = 0; n < 10; n++) await day.goodWrite(true, !what.deletes);
  const between = new Set(day.touched);
  await world.takeImage("after");
  const to = await world.now();
  day.touched.clear();
  for (let n = 0; n < 40; n++) await day.goodWrite(true, true);
  // The very value that the damage left, meant.
  const same = await day.someone(
    "accounts",
    (id) => day.victims.has(id) && !day.touched.has(`accounts ${id}`) && !between.has(`accounts ${id}`),
  );
  if (same !== undefined) await day.set("accounts", same, "hash", (await day.rows("accounts")).get(same)?.hash);
  // Somebody registers anew with the address of an account that the accident deleted.
  const there = await day.rows("accounts");
  const taken = day.pick([...day.truth.accounts.keys()].filter((id) => !there.has(id)));
  if (taken !== undefined) {
    const email = day.truth.accounts.get(taken)?.email;
    day.forget("accounts", taken);
    await day.insert("accounts", "insert into accounts (email, hash, status) values ($1, 'anew', 'active')", [email]);
  }

  const hints: DamageHints = what.deletes ? { deletions: "damage" } : {};
  const images = await world.open();
  const report = await findDamage(images.live, { tables: ["accounts", "orders"], from, to, hints });
  if (!report.found) throw new Error(report.problem);
  const planned = await planRewind(images, { tables: ["orders", "accounts"], damage: report.damage, hints });
  if (planned.kind !== "plan") throw new Error(planned.problem);
  expect(planned.plan.refusals).toEqual([]);
  const touched = new Set([...day.touched, ...between]);
  const needless = planned.plan.questions.filter(
    ({ kind, table, key }) => kind !== "added-by-damage" && !touched.has(`${table.replace("public.", "")} ${key[0]}`),
  );
  expect(needless).toEqual([]);

  const answers = planned.plan.questions.map((question) => ({
    question: question.id,
    choice: answer(day, question, question.table === "public.orders" ? before.orders : before.accounts),
  }));
  const plan: RewindPlan = parsePlan(JSON.parse(JSON.stringify(decide(planned.plan, { answers }))));
  const applied = await applyRewind(images, plan);
  expect(applied.left).toEqual([]);
  expect(applied.verified.writtenSince).toBe(0);
  for (const table of ["accounts", "orders"] as const) {
    const found = await day.rows(table);
    const wrong = [...new Set([...found.keys(), ...day.truth[table].keys()])].flatMap((id) => {
      const [is, ought] = [found.get(id), day.truth[table].get(id)];
      return JSON.stringify(is, Object.keys(is ?? {}).sort()) === JSON.stringify(ought, Object.keys(ought ?? {}).sort())
        ? []
        : [{ id, is, ought }];
    });
    expect(wrong, `${table}, ${JSON.stringify(what)}`).toEqual([]);
  }
  expect(await applyRewind(images, plan)).toMatchObject({ changed: 0, returned: 0, removed: 0, transaction: null });
  const again = await planRewind(images, { tables: ["orders", "accounts"], damage: report.damage, hints });
  if (again.kind !== "plan") throw new Error(again.problem);
  expect(again.plan.tables.flatMap(({ changes, deleted }) => [...changes, ...deleted])).toEqual([]);
});

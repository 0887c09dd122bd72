import { afterAll, beforeAll, expect, test } from "vitest";
import { applyRewind } from "../src/database/rewind/apply-rewind.ts";
import { findDamage } from "../src/database/rewind/find-damage.ts";
import type { RewindImages } from "../src/database/rewind/open-image.ts";
import { planRewind } from "../src/database/rewind/plan-rewind.ts";
import type { Damage, DamageHints } from "../src/recovery/rewind/damage.ts";
import type { RewindPlan } from "../src/recovery/rewind/plan.ts";
import { openRewindDatabases, type RewindDatabases, type RewindWorld } from "./rewind-databases.ts";

let databases: RewindDatabases;

beforeAll(async () => {
  databases = await openRewindDatabases();
});

afterAll(() => databases.close());

const USERS = `
  create table users (id bigint generated always as identity primary key, email text not null unique, password_hash text not null, last_login_at timestamptz);
  insert into users (email, password_hash) select 'user' || n || '@example.com', md5('old' || n) from generate_series(1, 200) n;
`;

async function damageOf(images: RewindImages, tables: readonly string[], from: Date, to: Date, hints: DamageHints = {}): Promise<Damage> {
  const report = await findDamage(images.live, { tables, from, to, hints });
  if (!report.found) throw new Error(report.problem);
  return report.damage;
}

async function planOf(images: RewindImages, tables: readonly string[], damage: Damage, hints: DamageHints = {}): Promise<RewindPlan> {
  const planned = await planRewind(images, { tables, damage, hints });
  if (planned.kind === "wrong-image") throw new Error(planned.problem);
  return planned.plan;
}

const rowsOf = async (world: RewindWorld, table: string) =>
  (await world.run(`select to_jsonb(t) as row from ${table} t order by id`)).map(({ row }) => row);

test("a mass reset is taken back, and what was written since is not", async () => {
  const world = await databases.create(USERS);
  const from = await world.now();
  await world.takeImage("before");
  await world.run("update users set password_hash = 'reset' where id % 2 = 0");
  await world.takeImage("after");
  const to = await world.now();
  await world.run("update users set last_login_at = now() where id = 4");
  await world.run("update users set password_hash = 'chosen since' where id = 6");
  await world.run("update users set password_hash = password_hash where id = 8");
  await world.run("delete from users where id = 10");

  const images = await world.open();
  const damage = await damageOf(images, ["users"], from, to);
  const plan = await planOf(images, ["users"], damage);
  expect(plan.refusals).toEqual([]);
  expect(plan.questions.map(({ kind, key }) => [kind, ...key])).toEqual([
    ["changed-since", "6"],
    ["same-value-since", "8"],
  ]);
  expect(plan.setAside.map(({ kind, key }) => [kind, ...key])).toEqual([["deleted-since", "10"]]);
  expect(plan.tables[0]).toMatchObject({ table: "public.users", damagedColumns: ["password_hash"] });

  const applied = await applyRewind(images, plan);
  expect(applied).toMatchObject({ changed: 97, returned: 0, already: 0, left: [], verified: { right: 97, writtenSince: 0 } });
  const rows = await world.run(
    `select count(*)::int as n from users where password_hash = case id when 6 then 'chosen since' when 8 then 'reset' else md5('old' || id) end`,
  );
  expect(rows).toEqual([{ n: 199 }]);
  expect(await world.run("select 1 from users where id = 4 and last_login_at is not null")).toHaveLength(1);

  const again = await applyRewind(images, plan);
  expect(again).toMatchObject({ changed: 0, already: 97, transaction: null });
  expect(await rowsOf(world, "users")).toHaveLength(199);
});

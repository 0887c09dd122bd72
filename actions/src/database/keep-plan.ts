/**
 * Keeps a rewind's plan in the scratch database of after the damage, which is as well guarded as the rows themselves and goes away with them:
 * a plan names every row by its key, and that is more than an artifact or a ledger should hold.
 */
import type pg from "pg";
import type { DatabaseAccess } from "./connect.ts";
import { openImage } from "./rewind/open-image.ts";

/** The later of two attempts finds its own plan in the place of the first. */
export async function keepPlan(access: DatabaseAccess, requestId: string, plan: unknown): Promise<void> {
  await during(access, async (client) => {
    await client.query("create schema if not exists holdfast_rewind");
    await client.query("create table if not exists holdfast_rewind.plan (request_id text primary key, plan jsonb not null)");
    await client.query("insert into holdfast_rewind.plan values ($1, $2) on conflict (request_id) do update set plan = excluded.plan", [
      requestId,
      JSON.stringify(plan),
    ]);
  });
}

/** Null where no plan of this request was kept. Whoever reads it checks its shape and digest. */
export async function keptPlan(access: DatabaseAccess, requestId: string): Promise<unknown> {
  return during(access, async (client) => {
    const { rows: present } = await client.query<{ present: boolean }>("select to_regclass('holdfast_rewind.plan') is not null as present");
    if (present[0]?.present !== true) return null;
    const { rows } = await client.query<{ plan: unknown }>("select plan from holdfast_rewind.plan where request_id = $1", [requestId]);
    return rows[0]?.plan ?? null;
  });
}

async function during<T>(access: DatabaseAccess, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const image = await openImage(access);
  try {
    return await work(image.client);
  } finally {
    await image.close();
  }
}

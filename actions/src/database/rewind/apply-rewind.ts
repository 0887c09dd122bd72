/**
 * Applies an approved plan to the live database in one transaction: values come from the image before the damage, each row is written only if it
 * still is as the plan or an answer says, and everything is proven before the commit. Rows that changed since are reported and left alone.
 */
import pg from "pg";
import { inInsertOrder, judgeTable } from "../../recovery/rewind/judge-table.ts";
import type { Applied, LeftRow } from "../../recovery/rewind/outcome.ts";
import type { RewindPlan } from "../../recovery/rewind/plan.ts";
import { workOf } from "../../recovery/rewind/work-list.ts";
import { describeTable } from "./describe-table.ts";
import { type HeldTriggers, holdTriggers, ParentMissing, TriggersChanged, TriggersFire } from "./hold-triggers.ts";
import { type LoadedWork, loadWork } from "./load-work.ts";
import { openImage, type RewindImages } from "./open-image.ts";
import {
  advanceSequences,
  countAlready,
  countOpen,
  countWrong,
  deleteRows,
  insertRows,
  judgeUnderLock,
  leftRows,
  lockRows,
  updateRows,
} from "./write-rows.ts";

/** Nothing was written, and why; `again` says whether the same call may succeed later (a lock, a lost connection). */
export class RewindFailed extends Error {
  override readonly name = "RewindFailed";
  readonly again: boolean;

  constructor(message: string, again: boolean, options?: ErrorOptions) {
    super(message, options);
    this.again = again;
  }
}

/** lock_not_available, deadlock_detected, serialization_failure: another writer was in the way. */
const BUSY = ["55P03", "40P01", "40001"];
const ATTEMPTS = 3;
// Other writers wait behind these locks: rather give up and try again than hold an application for longer than a request may take.
const LIMITS = `set local lock_timeout = '5s'; set local statement_timeout = '5min'; set local idle_in_transaction_session_timeout = '1min'`;

/** Applies a plan, with its answers, in one transaction. Safe to call again: what is done already is counted as `already`. */
export async function applyRewind(images: RewindImages, plan: RewindPlan): Promise<Applied> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await applyOnce(images, plan);
    } catch (error) {
      await images.live.client.query("rollback").catch(() => {});
      if (!(isDatabaseError(error) && BUSY.includes(error.code ?? "") && attempt < ATTEMPTS)) throw failureOf(error);
    }
  }
}

const isDatabaseError = (error: unknown): error is pg.DatabaseError => error instanceof pg.DatabaseError;

/** Never the database's own words: they may quote a value of a row. */
function failureOf(cause: unknown): RewindFailed {
  if (cause instanceof RewindFailed) return cause;
  if (cause instanceof TriggersChanged || cause instanceof TriggersFire || cause instanceof ParentMissing)
    return new RewindFailed(cause.message, false);
  if (!isDatabaseError(cause))
    return new RewindFailed("The connection to a database was lost before the commit. Nothing was written.", true, { cause });
  const { code, constraint, table } = cause;
  if (BUSY.includes(code ?? ""))
    return new RewindFailed(`Other writers held rows or tables for too long, ${ATTEMPTS} times. Nothing was written.`, true);
  if (code === "57014") return new RewindFailed("A statement took longer than 5 minutes. Nothing was written.", true);
  const where = constraint === undefined ? "" : ` at ${constraint}${table === undefined ? "" : ` of ${table}`}`;
  return new RewindFailed(`PostgreSQL refused${where} (SQLSTATE ${code}). Nothing was written; plan anew.`, false);
}

async function applyOnce(images: RewindImages, plan: RewindPlan): Promise<Applied> {
  const live = images.live.client;
  const unanswered = plan.questions.length - plan.answers.length;
  // The images are scratch restores: an accident in them must not end ours half-way, and reading commits nothing.
  const all = await loadAll(images, plan);
  await live.query("begin");
  await live.query(LIMITS);
  const held = new Map<LoadedWork, HeldTriggers>();
  for (const loaded of all) held.set(loaded, await holdTriggers(live, loaded));
  for (const loaded of all) await lockRows(live, loaded);
  for (const loaded of all) await judgeUnderLock(live, loaded);

  const during = <T>(loaded: LoadedWork, work: () => Promise<T>): Promise<T> => held.get(loaded)?.during(work) ?? work();
  const written = { changed: 0, returned: 0, removed: 0 };
  let open = 0;
  for (const loaded of all) open += await countOpen(live, loaded);
  if (open > 0) {
    for (const loaded of all) written.returned += await during(loaded, () => insertRows(live, loaded));
    for (const loaded of all) written.changed += await during(loaded, () => updateRows(live, loaded));
    for (const loaded of all.toReversed()) written.removed += await during(loaded, () => deleteRows(live, loaded));
    if (written.returned > 0) for (const loaded of all) await advanceSequences(live, loaded);
    // Pending checks would keep the triggers from being switched on again, and belong before the proof.
    await live.query("set constraints all immediate");
    for (const [, triggers] of held) await triggers.release();
    await prove(live, all);
  } else for (const [, triggers] of held) await triggers.release();

  const left: LeftRow[] = [];
  let already = 0;
  for (const loaded of all) {
    left.push(...(await leftRows(live, loaded)));
    already += await countAlready(live, loaded);
  }
  const nothing = written.changed + written.returned + written.removed === 0;
  const base = { ...written, already, left, unanswered };
  if (nothing) {
    await live.query("rollback");
    return { ...base, transaction: null, verified: { right: 0, writtenSince: 0 } };
  }
  const { rows } = await live.query<{ xid: string }>("select pg_current_xact_id()::text as xid");
  const transaction = rows[0]?.xid ?? "";
  try {
    await live.query("commit");
  } catch (error) {
    if (isDatabaseError(error)) throw error;
    const verified = await settle(images, plan, transaction);
    return { ...base, transaction, verified };
  }
  let writtenSince = 0;
  for (const loaded of all) writtenSince += await countWrong(live, loaded);
  const total = written.changed + written.returned + written.removed;
  return { ...base, transaction, verified: { right: Math.max(0, total - writtenSince), writtenSince } };
}

async function loadAll(images: RewindImages, plan: RewindPlan): Promise<readonly LoadedWork[]> {
  const loaded: LoadedWork[] = [];
  const works = workOf(plan).filter(({ groups }) => groups.length > 0);
  for (const [number, work] of works.entries()) {
    const { table } = work.table;
    const [before, after, live] = await Promise.all(
      [images.before, images.after, images.live].map(({ client }) => describeTable(client, table)),
    );
    const [refusal] = judgeTable(table, { before: before ?? null, after: after ?? null, live: live ?? null });
    if (refusal !== undefined || !live)
      throw new RewindFailed(`${table} can not be rewound any more: ${refusal?.reason ?? "it is gone"} Nothing was written.`, false);
    loaded.push(await loadWork(images, live, work, number));
  }
  const order = inInsertOrder(loaded.map(({ facts }) => facts));
  return order === null ? loaded : order.flatMap((facts) => loaded.filter((each) => each.facts === facts));
}

/** A rewind that is not as planned must not be committed, whatever made it so: a trigger that ran, a rule, a defect of ours. */
async function prove(live: pg.Client, all: readonly LoadedWork[]): Promise<void> {
  for (const loaded of all) {
    const wrong = await countWrong(live, loaded);
    if (wrong > 0)
      throw new RewindFailed(
        `${wrong} rows of ${loaded.facts.table} were not as planned after they were written, before the commit. A trigger that was let run may have changed them. Nothing was written.`,
        false,
      );
  }
}

// A server that lost its connection to us may still be committing; it is over within moments, or the server is not there.
const SETTLE_TRIES = 60;

/** The answer to COMMIT was lost: the database itself says what became of it. */
async function settle(images: RewindImages, plan: RewindPlan, transaction: string): Promise<Applied["verified"]> {
  for (let attempt = 1; attempt <= SETTLE_TRIES; attempt++) {
    const live = await openImage(images.live.access).catch(() => null);
    if (live !== null) {
      try {
        const { rows } = await live.client.query<{ status: string | null }>("select pg_xact_status($1::xid8) as status", [transaction]);
        const status = rows[0]?.status;
        if (status === "committed") return { right: (await applyOnce({ ...images, live }, plan)).already, writtenSince: 0 };
        if (status !== "in progress")
          throw new RewindFailed(
            "The connection was lost at the commit, and the database says that it did not happen. Nothing was written.",
            true,
          );
      } finally {
        await live.close();
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  throw new RewindFailed(
    `The answer to the commit of transaction ${transaction} was lost, and the database cannot be asked. Run the same plan again: what is done is not done twice.`,
    true,
  );
}

/**
 * A rewind without hands: part of the rows damaged while the writers never pause, the interval told by a log whose clock is wrong, a plan, its
 * questions answered by what really happened, a second person's approval, and every row of the live tables compared with what they ought to hold.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { connect, readTables } from "../sandbox/demo-app/database.ts";
import { readJournal } from "../sandbox/demo-app/journal.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import { DAMAGED_BY, type Damage, damageSome, writeAfter } from "./damage.ts";
import { openCaller } from "./github-caller.ts";
import { compareWithGoodWorld, goodWorld } from "./good-world.ts";
import { entriesOf } from "./ledger-entries.ts";
import { randomFrom } from "./random-from.ts";
import { type DrillResult, type Say, tellDetection } from "./run-drill.ts";
import { watchDamage } from "./watch-damage.ts";

const BEFORE_MS = { min: 500, max: 2_500 } as const;
const AFTER_MS = { min: 300, max: 1_500 } as const;
/** How far the clock of the application's log may be off, and how long before or after its commit it may write. */
const SKEW_MS = 90_000;
const LATE_MS = 2_000;
/** Customers who write to a broken row between plan and transaction keep it from being touched; so many times in a row is no chance any more. */
const ROUNDS = 4;

/** Resets a minute that are an accident: a hundredth of the customers at least, against those who choose a new password themselves. */
const NOTICED_FROM = 60;

export async function runRewind(
  sandbox: Sandbox,
  seed: number,
  tokens: { readonly operator: string; readonly approver: string },
  say: Say,
): Promise<DrillResult> {
  const random = randomFrom(seed);
  const between = ({ min, max }: { readonly min: number; readonly max: number }) => min + random() * (max - min);
  const caller = openCaller(sandbox.github.url, "acme/holdfast", tokens.operator);
  const initial = await tablesNow(sandbox);
  const known = (await journalOf(sandbox)).length;
  const client = await connect(sandbox.app.database);
  const watch = await watchDamage(sandbox.app.log, NOTICED_FROM);
  const writer = sandbox.app.startWriter();
  try {
    await pause(between(BEFORE_MS));
    const damage = await damageSome(sandbox.app, client, random);
    say(`${damage.users.length} passwords reset and ${damage.orders.length} orders deleted in ${damage.commits.length} transactions`);
    await writeAfter(sandbox.app, client, random, damage);
    await pause(between(AFTER_MS));

    const started = performance.now();
    const inputs = requestOf(damage, told(damage, random), seed);
    const asked = new Set<string>();
    for (let round = 1; round <= ROUNDS; round += 1) {
      const preview = randomUUID();
      await caller.run("rewind.yml", { ...inputs, mode: "plan", request_id: preview });
      const { questions, ...plan } = planOf(sandbox, preview);
      for (const { id } of questions) asked.add(id);
      const answers = await answer(sandbox, questions, damage);
      const wanted = Object.values(answers).filter((choice) => choice === "bring-back").length;
      say(
        `Plan ${round}: ${plan.changed + plan.returned} rows to bring back, ${questions.length} asked about (${kindsOf(questions)}), ${wanted} of them to bring back`,
      );
      if (plan.changed + plan.returned + wanted === 0) break;
      const requestId = randomUUID();
      const request = { ...inputs, mode: "apply", answers: JSON.stringify(answers), request_id: requestId };
      await caller.run("rewind.yml", request, (run) => approve(sandbox, tokens.approver, run));
      const result = resultOf(sandbox, requestId);
      say(`Applied ${JSON.stringify(result)}, ${writer.commits()} commits written so far`);
      // Somebody wrote to those between plan and transaction; they are planned again.
      if (result.left === 0) break;
    }
    const restoreSeconds = Number(((performance.now() - started) / 1000).toFixed(2));
    await writer.stop();
    const detection = await watch.detected({ at: damage.commits[0]?.at ?? "", by: DAMAGED_BY });
    say(tellDetection(detection));

    const entries = (await journalOf(sandbox)).slice(known);
    const world = goodWorld(initial, entries, new Set(damage.commits.map(({ xid }) => xid)));
    const { total, wrong, goodWritesLost } = compareWithGoodWorld(world, await tablesNow(sandbox));
    for (const row of wrong.slice(0, 5)) say(`Wrong: ${JSON.stringify(row)}`);
    return {
      seed,
      rowsTotal: total,
      rowsDamaged: damage.users.length + damage.orders.length,
      rowsWrong: wrong.length,
      goodWritesLost,
      rowsAsked: asked.size,
      ...detection,
      restoreSeconds,
    };
  } finally {
    // Where the sandbox is gone already, one of them fails, and the others must end all the same.
    await Promise.allSettled([writer.stop(), watch.stop(), client.end()]);
  }
}

/** The interval as a log tells it: by another clock, and a little before or after the commits. */
function told({ commits }: Damage, random: () => number): { readonly from: string; readonly to: string } {
  const skew = (random() * 2 - 1) * SKEW_MS;
  const lines = commits.map(({ at }) => Date.parse(at) + skew + (random() * 2 - 1) * LATE_MS);
  return { from: new Date(Math.min(...lines)).toISOString(), to: new Date(Math.max(...lines)).toISOString() };
}

function requestOf(damage: Damage, interval: { readonly from: string; readonly to: string }, seed: number) {
  const hints = {
    // The clock's error and the log's delay, as they were measured.
    skew: `${SKEW_MS / 1000 + LATE_MS / 1000}s`,
    step: "1ms",
    deletions: damage.deletions,
    transactions: damage.commits.map(({ xid }) => xid),
  };
  return {
    cluster: "app-prod",
    tables: "users,orders",
    ...interval,
    hints: JSON.stringify(hints),
    answers: "",
    digest: "",
    reason: `Drill ${seed}: bring back what was damaged`,
  };
}

interface Question {
  readonly id: string;
  readonly kind: string;
  readonly table: string;
  readonly key: readonly string[];
  readonly columns: readonly string[];
}

function kindsOf(questions: readonly Question[]): string {
  const kinds = [...new Set(questions.map(({ kind }) => kind))];
  return kinds.map((kind) => `${kind} ${questions.filter((each) => each.kind === kind).length}`).join(", ");
}

interface Plan {
  readonly changed: number;
  readonly returned: number;
  readonly questions: readonly Question[];
}

function planOf({ github }: Sandbox, requestId: string): Plan {
  const planned = entriesOf(github.gitDir, requestId).find((entry) => entry.kind === "rewind.planned");
  if (planned === undefined) throw new Error("the ledger holds no plan");
  return JSON.parse(JSON.stringify(planned.data));
}

/** What really happened decides: what a good commit wrote after the damage stays, what one deleted stays away, and anything else comes back. */
async function answer(sandbox: Sandbox, questions: readonly Question[], { commits }: Damage): Promise<Record<string, string>> {
  const bad = new Set(commits.map(({ xid }) => xid));
  const last =
    commits
      .map(({ at }) => at)
      .toSorted()
      .at(-1) ?? "";
  // Good writers delete beside the damage as well, and a row that is gone cannot have been written to afterwards.
  const good = (await journalOf(sandbox)).filter(({ at, op, xid }) => (at > last || op === "delete") && !bad.has(xid));
  return Object.fromEntries(
    questions.map(({ id, table, key, columns }) => {
      const mine = good.filter((entry) => `public.${entry.table}` === table && entry.rows.some((row) => String(row.id) === key[0]));
      const meant = mine.some((entry) => entry.op !== "update" || columns.some((column) => entry.columns?.includes(column)));
      return [id, meant ? "keep" : "bring-back"];
    }),
  );
}

function resultOf({ github }: Sandbox, requestId: string) {
  const applied = entriesOf(github.gitDir, requestId).find((entry) => entry.kind === "rewind.applied");
  const { changed, returned, left, already } = applied?.data ?? {};
  return { changed, returned, left, already };
}

async function approve({ github }: Sandbox, token: string, run: number): Promise<void> {
  const url = `${github.url}/repos/acme/holdfast/actions/runs/${run}/pending_deployments`;
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const pending: readonly { environment: { id: number } }[] = JSON.parse(await (await fetch(url, { headers })).text());
  const body = JSON.stringify({
    environment_ids: pending.map(({ environment }) => environment.id),
    state: "approved",
    comment: "The plan is what was asked for",
  });
  const given = await fetch(url, { method: "POST", headers, body });
  if (!given.ok) throw new Error(`the rewind could not be approved: ${given.status} ${await given.text()}`);
}

async function tablesNow({ app }: Sandbox) {
  const client = await connect(app.database);
  try {
    return await readTables(client);
  } finally {
    await client.end();
  }
}

async function journalOf({ app }: Sandbox) {
  const entries = [];
  for await (const entry of readJournal(app.journal.file)) entries.push(entry);
  return entries;
}

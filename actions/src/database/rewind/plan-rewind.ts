/** Compares the three images and says what a rewind would do. Nothing but temporary tables is written; the values stay in the databases. */
import type { Damage, DamageHints } from "../../recovery/rewind/damage.ts";
import { cascadesElsewhere, inInsertOrder, judgeTable, type TableFacts } from "../../recovery/rewind/judge-table.ts";
import {
  type Key,
  type PlannedTable,
  type Question,
  questionId,
  type Refusal,
  type RewindPlan,
  type SetAside,
  signPlan,
} from "../../recovery/rewind/plan.ts";
import { checkImages } from "./check-images.ts";
import { type Comparison, compareTable, type JudgedRow } from "./compare-table.ts";
import { describeTable } from "./describe-table.ts";
import { keepsCommitTimes } from "./find-damage.ts";
import { type Obstacle, ObstacleFinder, referredTo, type Wanted } from "./find-obstacles.ts";
import type { RewindImages } from "./open-image.ts";
import { comparedColumns } from "./row-sql.ts";

export interface PlanRequest {
  readonly tables: readonly string[];
  readonly damage: Damage;
  readonly hints?: DamageHints;
}

/** `wrong-image`: the image holds damage that it should not, or lacks what it should; restore one of an earlier (`before`) or later (`after`) time. */
export type Planned =
  | { readonly kind: "plan"; readonly plan: RewindPlan }
  | { readonly kind: "wrong-image"; readonly image: "before" | "after"; readonly problem: string };

export async function planRewind(images: RewindImages, request: PlanRequest): Promise<Planned> {
  const clients = [images.before.client, images.after.client, images.live.client];
  // One view of each database, however long the comparing takes.
  await Promise.all(clients.map((client) => client.query("begin isolation level repeatable read")));
  try {
    return await plan(images, request);
  } finally {
    await Promise.all(clients.map((client) => client.query("rollback").catch(() => {})));
  }
}

interface Described {
  readonly facts: TableFacts;
  readonly otherFile: boolean;
}

async function plan(images: RewindImages, { tables, damage, hints = {} }: PlanRequest): Promise<Planned> {
  const refusals: Refusal[] = [];
  const described: Described[] = [];
  for (const asked of [...new Set(tables)]) {
    const [before, after, live] = await Promise.all(
      [images.before, images.after, images.live].map(({ client }) => describeTable(client, asked)),
    );
    const found = judgeTable(asked, { before: before ?? null, after: after ?? null, live: live ?? null });
    refusals.push(...found);
    if (found.length === 0 && live) described.push({ facts: live, otherFile: before?.file !== after?.file });
  }
  const all = described.map(({ facts }) => facts);
  const wrong = await checkImages(images, all, damage, hints);
  if (wrong !== null) return { kind: "wrong-image", ...wrong };

  const ordered = inInsertOrder(all);
  const commitTimes = await keepsCommitTimes(images.after.client);
  const obstacles = new ObstacleFinder(images);
  const planned: Planning[] = [];
  for (const facts of ordered ?? all) {
    const otherFile = described.some((each) => each.facts === facts && each.otherFile);
    const compared = await compareTable(images, facts, { damage, hints, commitTimes, otherFile });
    const refusal = compared.refusal ?? refuseReturns(facts, compared.rows, ordered === null, new Set(all.map(({ table }) => table)));
    if (refusal !== null || compared.refusal !== null) {
      if (refusal !== null) refusals.push(refusal);
      continue;
    }
    const found = await obstacles.find(facts, wantedOf(facts, compared.rows));
    const used = await referredTo(images.live.client, facts, addedKeys(compared.rows));
    planned.push(planTable(facts, compared, found, used));
  }
  return { kind: "plan", plan: sign(damage, planned, refusals, notesOf(commitTimes, planned)) };
}

interface Planning {
  readonly table: PlannedTable;
  readonly questions: readonly Question[];
  readonly setAside: readonly SetAside[];
}

function refuseReturns(facts: TableFacts, rows: readonly JudgedRow[], circular: boolean, rewound: ReadonlySet<string>): Refusal | null {
  if (!rows.some(isReturn)) return null;
  const { table } = facts;
  if (circular)
    return {
      kind: "circular-references",
      table,
      reason: "Rows were deleted from tables that refer to one another in a circle: no order of inserting them is right.",
    };
  const elsewhere = cascadesElsewhere(facts, rewound);
  return elsewhere.length === 0
    ? null
    : {
        kind: "cascades-elsewhere",
        table,
        reason: `Deleting from it also changes ${elsewhere.join(", ")}, which would stay damaged. Ask for ${elsewhere.length === 1 ? "that table" : "those tables"} too.`,
      };
}

const isReturn = ({ verdict }: JudgedRow) => verdict.comesBack || verdict.asks.some(({ kind }) => kind === "unclear-deletion");

function wantedOf(facts: TableFacts, rows: readonly JudgedRow[]): readonly Wanted[] {
  const names = namesOf(facts);
  return rows.flatMap((row): readonly Wanted[] => {
    if (isReturn(row)) return [{ key: row.key, columns: null }];
    return row.verdict.change.length > 0 ? [{ key: row.key, columns: row.verdict.change.map(names) }] : [];
  });
}

function addedKeys(rows: readonly JudgedRow[]): readonly Key[] {
  return rows.flatMap(({ key, verdict }) => (verdict.asks.some(({ kind }) => kind === "added-by-damage") ? [key] : []));
}

const namesOf = (facts: TableFacts) => {
  const columns = comparedColumns(facts);
  return (column: number) => columns[column]?.name ?? "";
};

function planTable(
  facts: TableFacts,
  { rows, damaged }: Extract<Comparison, { readonly refusal: null }>,
  obstacles: readonly Obstacle[],
  used: ReadonlySet<string>,
): Planning {
  const { table, key: keyColumns } = facts;
  const names = namesOf(facts);
  const blocked = new Map(obstacles.map(({ key, kind }) => [JSON.stringify(key), kind]));
  const groups = new Map<string, { columns: readonly string[]; keys: Key[] }>();
  const deleted: Key[] = [];
  const questions: Question[] = [];
  const setAside: SetAside[] = [];
  for (const { key, verdict, version } of rows.toSorted((a, b) => compareKeys(a.key, b.key))) {
    const place = JSON.stringify(key);
    const obstacle = blocked.get(place);
    const whole = verdict.comesBack || verdict.asks.some(({ kind }) => kind === "unclear-deletion");
    if (obstacle !== undefined) setAside.push({ kind: obstacle, table, key, columns: whole ? namesAll(facts) : verdict.change.map(names) });
    else if (verdict.comesBack) deleted.push(key);
    else if (verdict.change.length > 0) {
      const columns = verdict.change.map(names);
      const group = groups.get(columns.join("\0")) ?? { columns, keys: [] };
      group.keys.push(key);
      groups.set(columns.join("\0"), group);
    }
    if (verdict.setAside !== null) setAside.push({ kind: verdict.setAside.kind, table, key, columns: verdict.setAside.columns.map(names) });
    for (const { kind, columns } of verdict.asks) {
      if (obstacle !== undefined && kind === "unclear-deletion") continue;
      if (kind === "added-by-damage" && used.has(place)) setAside.push({ kind: "added-and-used", table, key, columns: columns.map(names) });
      else {
        const about = { kind, table, key, columns: columns.map(names) };
        questions.push({ id: questionId(about), ...about, version });
      }
    }
  }
  return {
    table: {
      table,
      keyColumns,
      changes: [...groups.values()],
      deleted,
      triggers: facts.triggers.map((trigger) => ({ ...trigger, decision: "skip" })),
      generatedColumns: facts.columns.filter(({ generated }) => generated).map(({ name }) => name),
      damagedColumns: damaged,
    },
    questions,
    setAside,
  };
}

const namesAll = (facts: TableFacts) => comparedColumns(facts).map(({ name }) => name);

/** Numbers as numbers, so that people find a row; the same order in every plan, so that equal plans have equal digests. */
function compareKeys(one: Key, other: Key): number {
  for (const [at, text] of one.entries()) {
    const against = other[at] ?? "";
    if (text === against) continue;
    const [a, b] = [Number(text), Number(against)];
    return Number.isFinite(a) && Number.isFinite(b) && a !== b ? a - b : text < against ? -1 : 1;
  }
  return 0;
}

function notesOf(commitTimes: boolean, planned: readonly Planning[]): readonly string[] {
  const skipped = planned.filter(({ table }) => table.triggers.length > 0).map(({ table }) => table.table);
  return [
    ...(commitTimes
      ? []
      : ["The database does not keep commit times: rows were told apart by their writers and values alone, and more is asked."]),
    ...(skipped.length === 0
      ? []
      : [`While triggers are skipped nobody else can write to ${skipped.join(", ")}: for the moment of the one transaction.`]),
  ];
}

function sign(damage: Damage, planned: readonly Planning[], refusals: readonly Refusal[], notes: readonly string[]): RewindPlan {
  const questions = planned.flatMap((each) => each.questions);
  return signPlan({
    v: 1,
    damage: {
      toldBy: damage.toldBy,
      first: damage.first,
      last: damage.last,
      // A loop may have as many as rows; the first of them are enough to recognise it by.
      transactions: damage.commits.flatMap(({ transactions }) => transactions).slice(0, MOST_NAMED),
    },
    tables: planned.map(({ table }) => table),
    questions,
    setAside: planned.flatMap((each) => each.setAside),
    refusals,
    notes,
    answers: [],
  });
}

const MOST_NAMED = 100;

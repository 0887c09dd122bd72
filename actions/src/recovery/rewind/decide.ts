/** Folds what people decided into a plan. The result has a digest of its own, so that whoever approves, approves the answers too. Pure. */
import { InvalidInput, type Problem, showValue } from "../../domain/index.ts";
import { type Answer, type PlannedTrigger, type RewindPlan, signPlan } from "./plan.ts";

export interface Decisions {
  /** Replaces an earlier answer to the same question. What nobody answers is kept as it is in the live database. */
  readonly answers?: readonly Answer[];
  /** Triggers that are to fire, by table and name; all others are skipped while the rewind writes. */
  readonly triggers?: readonly { readonly table: string; readonly name: string; readonly decision: PlannedTrigger["decision"] }[];
}

/** Throws InvalidInput naming every answer to a question, and every trigger, that the plan does not have. */
export function decide(plan: RewindPlan, { answers = [], triggers = [] }: Decisions): RewindPlan {
  const problems: Problem[] = [];
  const asked = new Set(plan.questions.map(({ id }) => id));
  for (const { question } of answers)
    if (!asked.has(question)) problems.push({ path: "answers", found: showValue(question), allowed: "the id of a question of this plan" });
  for (const { table, name } of triggers)
    if (!plan.tables.some((each) => each.table === table && each.triggers.some((trigger) => trigger.name === name)))
      problems.push({ path: "triggers", found: showValue(`${name} of ${table}`), allowed: "a trigger that this plan lists" });
  if (problems.length > 0) throw new InvalidInput("The decisions", problems);
  const all = new Map([...plan.answers, ...answers].map((answer) => [answer.question, answer.choice]));
  const { digest: _, ...unsigned } = plan;
  return signPlan({
    ...unsigned,
    answers: plan.questions.flatMap(({ id }) => {
      const choice = all.get(id);
      return choice === undefined ? [] : [{ question: id, choice }];
    }),
    tables: plan.tables.map((table) => ({
      ...table,
      triggers: table.triggers.map((trigger) => ({
        ...trigger,
        decision: triggers.findLast((each) => each.table === table.table && each.name === trigger.name)?.decision ?? trigger.decision,
      })),
    })),
  });
}

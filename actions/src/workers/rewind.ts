import { connectAurora } from "../aurora/aurora.ts";
import { roleCredentials } from "../aurora/credentials.ts";
import { openSession } from "../database/check-integrity.ts";
import {
  type Entry,
  formatDuration,
  nameRequest,
  parseRewindRequest,
  REWIND_INPUTS,
  type RewindInputs,
  type RewindPlanSummary,
  type RewindRequest,
} from "../domain/index.ts";
import { imageName } from "../recovery/names.ts";
import { summarisePlan } from "../recovery/summarise-plan.ts";
import { actionIo as io } from "../runner/action-io.ts";
import { agreed } from "./agreement.ts";
import { applyPlan, type RewindDone } from "./apply-rewind.ts";
import { type Completed, conduct, exitWith, NOTHING } from "./conduct.ts";
import { databaseAccess } from "./database-door.ts";
import type { Fact } from "./outcome.ts";
import { makePlan } from "./plan-rewind.ts";
import { sleep } from "./wait-until.ts";

const STAGES = ["plan", "apply"] as const;

function stageOf(text: string): (typeof STAGES)[number] {
  const stage = STAGES.find((each) => each === text);
  if (stage === undefined) throw new RangeError(`stage is ${JSON.stringify(text)}; allowed: ${STAGES.join(" or ")}`);
  return stage;
}

await exitWith(io, () => {
  const stage = stageOf(io.input("stage"));
  return conduct<RewindInputs, RewindRequest>(io, {
    work: "rewind",
    inputNames: REWIND_INPUTS,
    parse: parseRewindRequest,
    connect: (cluster) =>
      connectAurora(
        cluster.region,
        roleCredentials({ roleArn: process.env.AWS_ROLE_ARN, identityToken: io.identityToken, sessionName: `holdfast-rewind-${stage}` }),
      ),
    async perform(request, cluster, aurora, journal, around) {
      const clock = { now: () => new Date(), wait: sleep };
      const access = await databaseAccess(io, cluster, stage === "plan" ? "drill" : "rewind");
      const over = journal.recorded("completed") ?? (request.mode === "plan" ? journal.recorded("planned") : undefined);
      if (over !== undefined) return alreadyOver(over);
      if (stage === "apply") {
        const { config, origin, approvers, journalOf } = around;
        const ask = { what: "A rewind", environment: "rewind", actor: origin.actor, approvers: () => approvers("rewind") };
        return applied(
          request,
          await applyPlan(request, cluster, { ...clock, aurora, journal, access, journalOf, agreed: () => agreed(ask, config) }),
        );
      }
      const { plan, digest, images } = await makePlan(request, cluster, {
        ...clock,
        aurora,
        journal,
        access,
        connect: (endpoint) => openSession(access(endpoint)),
        using(image, round) {
          const name = imageName(request, image, round);
          io.output(`${image}${round}`, name);
          // A later attempt that makes an image again has to be able to remove it again.
          io.output(`cleanup_${image}${round}`, nameRequest(`cleanup ${name} ${around.origin.run}`));
        },
      });
      io.output("digest", digest);
      return planned(request, summarisePlan(plan, { before: images.before.time, after: images.after.time }));
    },
    remains: async (request) => ({
      ...NOTHING,
      exists: [`The live cluster ${request.cluster}; whether rows were changed, the entries before this one say.`],
    }),
  });
});

function alreadyOver(entry: Entry): Completed {
  const digest = entry.data.digest;
  if (typeof digest === "string") io.output("digest", digest);
  return {
    result: "completed",
    title: "This rewind was already over",
    facts: [{ name: entry.kind === "rewind.completed" ? "Applied" : "Planned", value: `at ${entry.at}, ledger entry ${entry.seq}` }],
    next: "Ask with a new request id for another one.",
  };
}

function planned(request: RewindRequest, summary: RewindPlanSummary): Completed {
  return {
    result: "completed",
    title: `${summary.changed + summary.returned} rows of ${request.cluster} would be brought back`,
    facts: factsOf(summary),
    next:
      request.mode === "plan"
        ? `Look at the plan on the page; to apply it, dispatch again with mode apply, a new request id and digest ${summary.digest}.`
        : "Somebody else approves the environment rewind once they have looked at this plan; rejecting it changes nothing.",
  };
}

function factsOf(plan: RewindPlanSummary): readonly Fact[] {
  return [
    { name: "Plan", value: plan.digest },
    { name: "Damage", value: `${plan.first} to ${plan.last}, told by ${plan.toldBy}` },
    { name: "Images", value: `${plan.before} and ${plan.after}` },
    ...plan.tables.flatMap(({ table, changes, returned, triggers }) => [
      ...changes.map(({ columns, rows }) => ({ name: table, value: `${rows} rows get ${columns.join(", ")} back` })),
      ...(returned.rows === 0 ? [] : [{ name: table, value: `${returned.rows} deleted rows come back` }]),
      ...triggers.map(({ name, decision }) => ({
        name: `Trigger ${name} of ${table}`,
        value: decision === "run" ? "fires" : "is skipped",
      })),
    ]),
    { name: "Questions", value: `${plan.asked}, of which ${plan.answered} are answered; the others leave their rows as they are` },
    ...plan.setAside.map(({ table, kind, rows }) => ({ name: `Set aside in ${table}`, value: `${rows} rows: ${kind}` })),
    ...plan.refusals.map(({ table, reason }) => ({ name: `Refused: ${table}`, value: reason })),
    ...plan.notes.map((note) => ({ name: "Note", value: note })),
  ];
}

function applied(request: RewindRequest, { applied: result, snapshot, durationSeconds }: RewindDone): Completed {
  return {
    result: "completed",
    title: `${result.changed + result.returned} rows of ${request.cluster} are brought back`,
    facts: [
      { name: "Rows changed back", value: String(result.changed) },
      { name: "Deleted rows returned", value: String(result.returned) },
      { name: "Rows removed", value: String(result.removed) },
      { name: "Done before already", value: String(result.already) },
      { name: "Left as they are, written since", value: String(result.left) },
      { name: "Questions without an answer", value: String(result.unanswered) },
      { name: "Verified", value: `${result.verified.right} rows right, ${result.verified.writtenSince} written again since` },
      { name: "Safety snapshot", value: snapshot },
      { name: "Took", value: formatDuration(durationSeconds * 1000) },
      { name: "Reason", value: request.reason },
    ],
    next: "Nothing: the scratch clusters are removed by the next job. The safety snapshot stays until a person lets it go.",
  };
}

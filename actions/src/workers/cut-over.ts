import { connectAurora } from "../aurora/aurora.ts";
import { roleCredentials } from "../aurora/credentials.ts";
import { connectSwitcher } from "../aurora/switcher.ts";
import {
  CUT_OVER_CHECKLIST,
  CUT_OVER_INPUTS,
  type CutOverInputs,
  formatDuration,
  keptName,
  parseCutOverRequest,
  renameCommand,
} from "../domain/index.ts";
import { actionIo as io } from "../runner/action-io.ts";
import { conduct, exitWith } from "./conduct.ts";
import { Refusal } from "./outcome.ts";
import { prepareSwitch, switchCluster } from "./switch-cluster.ts";
import { sleep } from "./wait-until.ts";

const roleArn = process.env.AWS_ROLE_ARN || undefined;
const credentials = roleCredentials({ roleArn, identityToken: io.identityToken, sessionName: "holdfast-cut-over" });
const STAGES = ["prepare", "swap"] as const;

await exitWith(io, () =>
  conduct<CutOverInputs, ReturnType<typeof parseCutOverRequest>>(io, {
    work: "cut-over",
    inputNames: CUT_OVER_INPUTS,
    parse: parseCutOverRequest,
    connect: (cluster) => connectAurora(cluster.region, credentials),
    async perform(request, cluster, aurora, journal) {
      // By hand the person's own rights at AWS count.
      if (roleArn === undefined && process.env.GITHUB_RUN_ID !== undefined)
        throw new Refusal(
          "No standing role may change the live cluster, and none was lent for this: the environment cut-over has no variable CUT_OVER_ROLE_ARN.",
          "Lend one as docs/runbooks/cut-over.md says, or run the worker with your own rights.",
        );
      const work = { aurora, journal, switcher: connectSwitcher(cluster.region, credentials), now: () => new Date(), wait: sleep };
      if (stageOf(io.input("stage")) === "prepare") {
        const carried = await prepareSwitch(request, work);
        return {
          result: "completed",
          title: `${request.restored} has what ${request.cluster} has`,
          facts: [{ name: "Carried over", value: carried.join(", ") || "nothing was missing" }],
          next: `The job swap renames ${request.cluster} to ${keptName(request)} and ${request.restored} to ${request.cluster}, once a person lets it. Stop the applications' writes before that.`,
        };
      }
      const { endpoint, kept, durationSeconds } = await switchCluster(request, work);
      return {
        result: "completed",
        title: `${request.cluster} is now what was ${request.restored}`,
        facts: [
          { name: "Endpoint", value: endpoint },
          { name: "The old cluster", value: `${kept}, with deletion protection; it costs until a person lets it go` },
          { name: "Took", value: formatDuration(durationSeconds * 1000) },
          ...CUT_OVER_CHECKLIST.map((each, index) => ({ name: `To check, ${index + 1}`, value: each })),
        ],
        next: `Go through the list. To go back, rename ${request.cluster} away and ${kept} to ${request.cluster}.`,
      };
    },
    async remains(request, { region }, aurora) {
      const names = [request.cluster, request.restored, keptName(request)];
      const found = await Promise.all(names.map((name) => aurora.cluster(name)));
      const rename = renameCommand(region, keptName(request), request.cluster);
      return {
        exists: [
          ...found.flatMap((each) => (each === null ? [] : [`The cluster ${each.id}, ${each.status}.`])),
          ...(found[0] === null && found[2] ? [`Nothing has the name ${request.cluster} now. To go back: ${rename}`] : []),
        ],
        letGo: [],
      };
    },
  }),
);

function stageOf(text: string): (typeof STAGES)[number] {
  const stage = STAGES.find((each) => each === text);
  if (stage === undefined) throw new RangeError(`stage is ${JSON.stringify(text)}; allowed: ${STAGES.join(", ")}`);
  return stage;
}

import { connectAurora } from "../aurora/aurora.ts";
import { roleCredentials } from "../aurora/credentials.ts";
import { connectHolder } from "../aurora/holder.ts";
import { HOLD_INPUTS, type HoldAction, type HoldInputs, parseHoldRequest } from "../domain/index.ts";
import { actionIo as io } from "../runner/action-io.ts";
import { conduct, exitWith } from "./conduct.ts";
import { holdSnapshot } from "./hold-snapshot.ts";

const credentials = roleCredentials({ roleArn: process.env.AWS_ROLE_ARN, identityToken: io.identityToken, sessionName: "holdfast-hold" });

const DONE: Readonly<Record<HoldAction, { readonly title: string; readonly next: string }>> = {
  hold: { title: "is on hold", next: "Release it when nobody needs it any more; until then no rule deletes it." },
  release: { title: "is released", next: "Nothing: the rules of retention say again how long it stays." },
  "let-go": {
    title: "is let go",
    next: "Nothing: retention announces its deletion, and deletes it a day later at the earliest. Hold it to keep it.",
  },
};

await exitWith(io, () =>
  conduct<HoldInputs, ReturnType<typeof parseHoldRequest>>(io, {
    work: "hold",
    inputNames: HOLD_INPUTS,
    parse: parseHoldRequest,
    connect: (cluster) => connectAurora(cluster.region, credentials),
    async perform(request, cluster, aurora, journal) {
      await holdSnapshot(request, { aurora, journal, holder: connectHolder(cluster.region, credentials) });
      return {
        result: "completed",
        title: `The snapshot ${request.snapshot} ${DONE[request.action].title}`,
        facts: [
          { name: "Snapshot", value: request.snapshot },
          { name: "Reason", value: request.reason },
        ],
        next: DONE[request.action].next,
      };
    },
    async remains({ snapshot }, _cluster, aurora) {
      const found = await aurora.snapshot(snapshot);
      return { exists: found === null ? [] : [`The snapshot ${snapshot}, ${found.status}.`], letGo: [] };
    },
  }),
);

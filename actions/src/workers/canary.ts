import { CANARY_INPUTS, type CanaryInputs, type CanaryRequest, parseCanaryRequest } from "../domain/index.ts";
import { actionIo as io } from "../runner/action-io.ts";
import { exitWith } from "./conduct.ts";
import { runErrand } from "./errand.ts";
import { sendCanary, Unanswered } from "./send-canary.ts";
import { sleep } from "./wait-until.ts";

// A page that takes longer than this is down for its users as well.
const ANSWER_MS = 30_000;

await exitWith(io, () =>
  runErrand<CanaryInputs, CanaryRequest>(io, {
    work: "canary",
    inputNames: CANARY_INPUTS,
    parse: parseCanaryRequest,
    perform: (request, { config, installation, journal }) =>
      sendCanary(request, {
        config,
        journal,
        status: installation.status,
        send,
        now: () => new Date(),
        wait: sleep,
      }),
  }),
);

/** Any answer will do, also a refusal: it stands in the access log all the same. */
async function send(url: string): Promise<void> {
  try {
    const answer = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(ANSWER_MS) });
    await answer.body?.cancel();
  } catch (error) {
    throw new Unanswered(`${new URL(url).origin} did not answer`, { cause: error });
  }
}

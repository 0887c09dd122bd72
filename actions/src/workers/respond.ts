import { parseResponse, RESPOND_INPUTS, type RespondInputs, type Response } from "../domain/index.ts";
import { approversOf } from "../github/runs.ts";
import { actionIo as io } from "../runner/action-io.ts";
import { exitWith } from "./conduct.ts";
import { runErrand } from "./errand.ts";
import { privacyOf } from "./privacy.ts";
import { respondTo } from "./respond-to.ts";

await exitWith(io, () =>
  runErrand<RespondInputs, Response>(io, {
    work: "respond",
    inputNames: RESPOND_INPUTS,
    parse: (inputs: RespondInputs, config, now) => parseResponse(inputs, config.suppressions, now),
    perform: (response, { config, installation, journal }) =>
      respondTo(response, {
        config,
        journal,
        origin: installation.origin,
        privacy: privacyOf(io, config),
        approvers: () => approversOf(installation.github, installation.origin, "override"),
        now: () => new Date(),
      }),
  }),
);

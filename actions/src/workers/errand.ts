/**
 * The frame around a request that touches the record and not AWS's clusters: read the installation and the inputs, do the work, put every
 * ending into the ledger, refresh the views, tell people.
 */
import { type Config, InvalidInput } from "../domain/index.ts";
import { publishStatus } from "../ledger/status.ts";
import type { ActionIo } from "../runner/action-io.ts";
import { end, NOTHING, sentence, showInputs, unreadable, type Work } from "./conduct.ts";
import { type Installation, openInstallation } from "./installation.ts";
import { type Journal, openJournal, type Request } from "./journal.ts";
import { type Outcome, Refusal, report } from "./outcome.ts";
import { readConfig } from "./read-config.ts";

export interface Errand<Inputs extends Readonly<Record<string, string>>, Parsed extends Request> {
  readonly work: Work;
  readonly inputNames: readonly (keyof Inputs & string)[];
  parse(inputs: Readonly<Record<string, string>>, config: Config, now: Date): Parsed;
  /** What is told as failed here, without throwing, has been recorded by the work itself. */
  perform(request: Parsed, around: ErrandAround): Promise<Outcome>;
}

export interface ErrandAround {
  readonly config: Config;
  readonly installation: Installation;
  readonly journal: Journal;
}

/** Runs one request and returns the process's exit code. */
export async function runErrand<Inputs extends Readonly<Record<string, string>>, Parsed extends Request>(
  io: ActionIo,
  errand: Errand<Inputs, Parsed>,
): Promise<number> {
  const installation = await openInstallation(io);
  const inputs = Object.fromEntries(errand.inputNames.map((name) => [name, io.input(name)]));
  let request: Parsed;
  let config: Config;
  try {
    config = await readConfig();
    request = errand.parse(inputs, config, new Date());
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    const unread = unreadable(inputs, errand.work, installation);
    const journal = await openJournal(installation.ledger, unread, installation.origin, () => new Date());
    const refusal = new Refusal(error.message, "Correct the input and dispatch again.");
    return end(io, errand.work, installation, journal, refusal, NOTHING, { inputs: showInputs(inputs) });
  }
  const journal = await openJournal(installation.ledger, request, installation.origin, () => new Date());
  let outcome: Outcome;
  try {
    outcome = await errand.perform(request, { config, installation, journal });
  } catch (error) {
    const code = await end(io, errand.work, installation, journal, error, NOTHING, { inputs: showInputs(inputs) });
    await refresh(io, installation, journal);
    return code;
  }
  // Outside the try: work that is done stays done, even if telling about it fails.
  await refresh(io, installation, journal);
  return report(io, outcome, journal.view());
}

async function refresh(io: ActionIo, installation: Installation, journal: Journal): Promise<void> {
  try {
    await publishStatus(installation.status, journal.view(), null);
  } catch (error) {
    io.error(`The views on branch status were not refreshed: ${sentence(error)}. The next worker does it.`);
  }
}

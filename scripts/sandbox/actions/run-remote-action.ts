/** Stand-ins for actions of others, by name. Each does what the product's workflows need of the original, over the same protocols. */

import { checkout } from "./checkout.ts";
import { configureAwsCredentials } from "./configure-aws-credentials.ts";
import { setupNode } from "./setup-node.ts";
import { logInputs, type StepCall, type WorkResult } from "./step-call.ts";
import { isRemoteAction, type RemoteAction } from "./supported.ts";
import { uploadArtifact } from "./upload-artifact.ts";

type Outputs = Readonly<Record<string, string>>;
type StandIn = (call: StepCall, given: Readonly<Record<string, string>>) => Promise<Outputs>;

const STAND_INS: Readonly<Record<RemoteAction, StandIn>> = {
  "actions/checkout": checkout,
  "actions/setup-node": setupNode,
  "actions/upload-artifact": uploadArtifact,
  "aws-actions/configure-aws-credentials": configureAwsCredentials,
};

export async function runRemoteAction(call: StepCall, name: string, given: Readonly<Record<string, string>>): Promise<WorkResult> {
  if (!isRemoteAction(name)) throw new Error(`${name} has no stand-in; supported are ${Object.keys(STAND_INS).join(", ")}`);
  logInputs(call.session, `Run ${name}`, { with: given, env: call.env });
  return { ok: true, outputs: await STAND_INS[name](call, given) };
}

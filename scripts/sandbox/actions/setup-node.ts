/** actions/setup-node: puts the Node.js that runs the sandbox first on the path and says in the log which one that is; it installs nothing. */
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { StepCall } from "./step-call.ts";

/** `24`, `24.x`, `>=20.19`, `v22.1.0`, `lts/*`, `lts/krypton`, `latest`, `node`, `current`. */
const VERSION = /^(v?\d+(\.(\d+|x|\*)){0,2}|[~^]?(>=|<=|>|<)?\s*\d[\d.x* <>=|^~-]*|lts\/(\*|-\d+|[a-z]+)|latest|node|current)$/i;

function wantedVersion(workspace: string, given: Readonly<Record<string, string>>): string {
  const file = given["node-version-file"];
  if (given["node-version"] !== undefined || file === undefined) return given["node-version"] ?? "";
  let text: string;
  try {
    text = readFileSync(resolve(workspace, file), "utf8");
  } catch {
    throw new Error(`The specified node version file at: ${resolve(workspace, file)} does not exist`);
  }
  if (!file.endsWith("package.json")) return text.trim();
  const manifest: unknown = JSON.parse(text);
  const engines = typeof manifest === "object" && manifest !== null && "engines" in manifest ? manifest.engines : null;
  const node = typeof engines === "object" && engines !== null && "node" in engines ? engines.node : null;
  if (typeof node !== "string") throw new Error(`${file} names no version of Node.js in engines.node`);
  return node;
}

export function setupNode({ session }: StepCall, given: Readonly<Record<string, string>>): Promise<Record<string, string>> {
  const wanted = wantedVersion(session.workspace, given);
  if (wanted !== "" && !VERSION.test(wanted))
    throw new Error(`node-version '${wanted}' is not a version; examples are 24, 24.x, >=20.19, lts/*`);
  session.path.unshift(dirname(process.execPath));
  session.log(
    `Asked for Node.js ${wanted === "" ? "of any version" : wanted}; this machine runs ${process.version}, which is what the job gets.`,
  );
  return Promise.resolve({ "node-version": process.version, "cache-hit": "false" });
}

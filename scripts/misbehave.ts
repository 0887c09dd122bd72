/** `npm run misbehave -- NAME`: makes the running demo application go wrong in one of the ways that Holdfast watches for. */
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { isMisbehaviour, listMisbehaviours, misbehaviours } from "./sandbox/demo-app/misbehaviours.ts";

const url = process.env.HOLDFAST_DEMO_APP ?? "http://127.0.0.1:8423";

async function misbehave(name: keyof typeof misbehaviours): Promise<void> {
  const misbehaviour: { readonly what: string; readonly seconds?: number } = misbehaviours[name];
  console.log(`${name}: ${misbehaviour.what}.`);
  if (misbehaviour.seconds !== undefined)
    console.log(`This takes about ${Math.round(misbehaviour.seconds / 60)} minutes; Ctrl-C ends it early.`);
  const answer = await fetch(`${url}/misbehave/${name}`, { method: "POST", headers: { "x-demo-app": "yes" } });
  if (!answer.ok || answer.body === null) throw new Error(`it answered ${answer.status} ${await answer.text()}`);
  for await (const line of createInterface({ input: Readable.fromWeb(answer.body) })) {
    const said: { progress?: string; done?: string; see?: string; error?: string } = JSON.parse(line);
    if (said.error !== undefined) throw new Error(said.error);
    if (said.progress !== undefined) console.log(`  ${said.progress}`);
    if (said.done !== undefined) console.log(`Done: ${said.done}\nTo be seen: ${said.see}.`);
  }
}

const [name = ""] = process.argv.slice(2);
if (isMisbehaviour(name)) {
  try {
    await misbehave(name);
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : "";
    console.error(
      `The demo application at ${url} did not do it: ${error instanceof Error ? error.message : String(error)}${cause}. Is npm start running?`,
    );
    process.exitCode = 1;
  }
} else {
  console.error(
    `${name === "" ? "Usage: npm run misbehave -- NAME" : `There is no misbehaviour ${JSON.stringify(name)}`}. There are:\n\n${listMisbehaviours()}`,
  );
  process.exitCode = 2;
}

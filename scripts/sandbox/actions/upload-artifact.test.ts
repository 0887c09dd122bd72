import { text } from "node:stream/consumers";
import { afterEach, expect, test } from "vitest";
import { fromBufferPromise } from "yauzl";
import { createFakeHost, type FakeHost } from "./fake-host.ts";

let fake: FakeHost | undefined;
afterEach(() => fake?.close());

const SHA = "043fb46d1a93c77aae656e7c1c64a875d1fc6a0a";

async function upload(
  inputs: string,
  script = "mkdir -p out && printf 'one\\n' > out/a.jsonl && printf hidden > out/.b",
): Promise<FakeHost> {
  const path = ".github/workflows/test.yml";
  const steps = `      - run: ${JSON.stringify(script)}\n      - uses: actions/upload-artifact@${SHA}\n        with: {${inputs}}\n`;
  const workflow = `on: workflow_dispatch\njobs:\n  one:\n    runs-on: ubuntu-latest\n    steps:\n${steps}`;
  fake = createFakeHost({ files: { [path]: workflow } });
  await fake.finish({ path });
  return fake;
}

async function unzipped(world: FakeHost, name: string): Promise<Record<string, string>> {
  const zip = await fromBufferPromise(world.artifacts.get(name) ?? Buffer.alloc(0));
  const files: Record<string, string> = {};
  for await (const entry of zip.eachEntry()) files[entry.fileName] = await text(await zip.openReadStreamPromise(entry));
  return files;
}

test("a file keeps its name alone; a folder keeps its files and leaves hidden ones behind", async () => {
  const world = await upload("name: alerts, path: out/a.jsonl");
  expect(await unzipped(world, "alerts")).toEqual({ "a.jsonl": "one\n" });
  await world.close();
  expect(await unzipped(await upload("name: alerts, path: out"), "alerts")).toEqual({ "a.jsonl": "one\n" });
});

test.each([
  ["a missing file where one is asked for", "name: alerts, path: none, if-no-files-found: error", /No files were found/],
  ["a pattern", "name: alerts, path: 'out/*'", /knows no patterns/],
  ["a name that GitHub refuses", "name: 'a/b', path: out", /name is not valid/],
])("%s fails the step", async (_what, inputs, problem) => {
  const world = await upload(inputs);
  expect(world.job("one").conclusion).toBe("failure");
  expect(
    world
      .job("one")
      .annotations.map((each) => each.message)
      .join(),
  ).toMatch(problem);
});

test("a missing file is a warning by default", async () => {
  const world = await upload("name: alerts, path: none");
  expect(world.job("one").conclusion).toBe("success");
  expect(world.artifacts.size).toBe(0);
});

/** Writes the JSON Schemas in docs/: of holdfast.yml, by which editors complete and check it, and of alerts.jsonl. `--check` only says whether they are up to date. */
import { readFile, writeFile } from "node:fs/promises";
import { alertSchema, configSchema } from "@holdfast/actions/domain";
import { toJSONSchema } from "zod/mini";

const SCHEMAS = [
  { file: "holdfast.schema.json", schema: toJSONSchema(configSchema, { io: "input", unrepresentable: "any" }), title: "holdfast.yml" },
  {
    file: "alerts.schema.json",
    schema: toJSONSchema(alertSchema, { io: "output" }),
    title: "A line of alerts.jsonl: what happened to an alert",
  },
];

for (const { file, schema, title } of SCHEMAS) {
  const path = new URL(`../docs/${file}`, import.meta.url);
  const text = `${JSON.stringify({ ...schema, title }, null, 2)}\n`;
  if (!process.argv.includes("--check")) {
    await writeFile(path, text);
  } else if ((await readFile(path, "utf8").catch(() => "")) !== text) {
    console.error(`docs/${file} is not what its schema in the domain gives. Run: npx tsx scripts/config-schema.ts`);
    process.exitCode = 1;
  }
}

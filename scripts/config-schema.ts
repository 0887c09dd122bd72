/** Writes docs/holdfast.schema.json, by which editors complete and check holdfast.yml; `--check` only says whether it is up to date. */
import { readFile, writeFile } from "node:fs/promises";
import { configSchema } from "@holdfast/actions/domain";
import { toJSONSchema } from "zod/mini";

const FILE = new URL("../docs/holdfast.schema.json", import.meta.url);

const schema = {
  ...toJSONSchema(configSchema, { io: "input", unrepresentable: "any" }),
  title: "holdfast.yml",
};
const text = `${JSON.stringify(schema, null, 2)}\n`;

if (process.argv.includes("--check")) {
  const current = await readFile(FILE, "utf8").catch(() => "");
  if (current !== text) {
    console.error("docs/holdfast.schema.json is not what the configuration's schema gives. Run: npx tsx scripts/config-schema.ts");
    process.exitCode = 1;
  }
} else {
  await writeFile(FILE, text);
}

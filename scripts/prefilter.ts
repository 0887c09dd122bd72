/**
 * Assembles the prefilter's WebAssembly into the module that carries its bytes: `npx tsx scripts/prefilter.ts`; with `--check` it only says
 * whether the committed bytes are those of the committed text.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import wabt from "wabt";

const FOLDER = fileURLToPath(new URL("../actions/src/detection/prefilter/", import.meta.url));
const OUT = `${FOLDER}find-literals.ts`;

const text = readFileSync(`${FOLDER}find-literals.wat`, "utf8");
const assembler = await wabt();
const module = assembler.parseWat("find-literals.wat", text, { simd: true });
module.validate();
const bytes = Buffer.from(module.toBinary({}).buffer).toString("base64");
const source = `/** Written by scripts/prefilter.ts from find-literals.wat; not by hand. */
export const FIND_LITERALS =
  "${bytes}";
`;

if (!process.argv.includes("--check")) writeFileSync(OUT, source);
else if (readFileSync(OUT, "utf8") !== source) {
  console.error("find-literals.ts is not what find-literals.wat assembles to; run: npx tsx scripts/prefilter.ts");
  process.exitCode = 1;
}

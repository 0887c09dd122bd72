/** Writes docs/examples/cloud/cloudformation.json, which a test holds against policies.json: `npx tsx scripts/cloud-template.ts`. */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { template } from "./cloud/cloudformation.ts";

writeFileSync(fileURLToPath(new URL("../docs/examples/cloud/cloudformation.json", import.meta.url)), template());

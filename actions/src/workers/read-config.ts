import { readFile } from "node:fs/promises";
import { parse as parseYaml } from "yaml";
import { type Config, parseConfig } from "../domain/index.ts";

/** `holdfast.yml` of the checkout this worker runs in. */
export async function readConfig(file = "holdfast.yml"): Promise<Config> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    throw new RangeError(`${file} cannot be read; it describes the clusters under protection (docs/examples has one)`, { cause: error });
  }
  return parseConfig(parseYaml(text));
}

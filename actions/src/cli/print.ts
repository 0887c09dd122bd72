import { once } from "node:events";
import { HIDDEN_CHARACTERS } from "../domain/index.ts";

// Somebody who has seen enough and left (`| head`) ends the work, and that is no failure.
process.stdout.on("error", (error) => {
  if ("code" in error && error.code === "EPIPE") process.exit(0);
  throw error;
});

/** Writes to stdout no faster than it is read. */
export async function print(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, "drain");
}

/** One object a line. What would steer a terminal or hide text is written as an escape, which JSON reads back as what it was. */
export function jsonLine(value: unknown): string {
  const text = JSON.stringify(value).replace(HIDDEN_CHARACTERS, escaped);
  return `${text}\n`;
}

function escaped(char: string): string {
  let text = "";
  for (let index = 0; index < char.length; index++) text += `\\u${char.charCodeAt(index).toString(16).padStart(4, "0")}`;
  return text;
}

import type { Readable } from "node:stream";
import type { Source } from "./source.ts";
import { splitLines } from "./split-lines.ts";

/** Lines from a pipe. What was read is gone, so there is nothing to go on from after a restart but the numbering. */
export function stdinSource(input: Readable, app: string | null, cluster: string | null, now: () => number): Source {
  return {
    key: "stdin",
    name: "stdin",
    app,
    cluster,
    async *read(_cursor, signal) {
      const lines = splitLines();
      let line = 0;
      const batch = (texts: readonly string[]) => {
        const lost = lines.takeCut();
        const stamp = now();
        const numbered = texts.map((text, index) => ({ text, source: "stdin", number: line + index + 1, stamp }));
        line += texts.length;
        return { lines: numbered, cursor: null, lost, notes: lost > 0 ? [`stdin: ${lost} lines were too long and lost their end`] : [] };
      };
      signal.addEventListener("abort", () => input.destroy(), { once: true });
      try {
        for await (const chunk of input) {
          const texts = lines.push(Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk));
          if (texts.length > 0) yield batch(texts);
        }
      } catch (error) {
        // Ending means closing the pipe, which whoever reads it is told as an error.
        if (!signal.aborted) throw error;
      }
      const rest = lines.takeRest();
      if (rest !== null) yield batch([rest]);
    },
  };
}

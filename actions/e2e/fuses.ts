import type { Fault, Seen } from "../../scripts/sandbox/github/serve.ts";
import { entryIdsIn } from "./entries-in-request.ts";

/** Before the entry is written or after, and either way the worker never hears of it. */
export type Moment = "before" | "after";

export interface Fuses {
  /** Kills as the request that writes the entry of this id arrives; each burns once. */
  set(entry: string, moment: Moment, kill: () => void): void;
  /** GitHub's part: hangs up on the request that burns one. */
  burn(request: Seen): Fault | undefined;
}

export function openFuses(): Fuses {
  const fuses = new Map<string, { readonly moment: Moment; readonly kill: () => void }>();
  return {
    set: (entry, moment, kill) => fuses.set(entry, { moment, kill }),
    burn(request) {
      for (const id of entryIdsIn(request)) {
        const fuse = fuses.get(id);
        if (fuse === undefined) continue;
        fuses.delete(id);
        fuse.kill();
        return { kind: "hang-up", when: fuse.moment };
      }
      return undefined;
    },
  };
}

/** What `dispatchOnce` stands on in a browser: locks and storage that the tabs of one browser share. */
import * as z from "zod/mini";
import { type Deployment, storageKey } from "../config/deployment.ts";
import type { DispatchPorts } from "./dispatch.ts";
import type { GitHub } from "./github.ts";

const noteSchema = z.object({ requestId: z.string(), at: z.iso.datetime() });

export function browserPorts(deployment: Deployment, github: GitHub, isComplete: DispatchPorts["isComplete"]): DispatchPorts {
  const key = (name: string) => storageKey(deployment, `sent ${name}`);
  return {
    github,
    branch: deployment.branch,
    isComplete,
    now: () => new Date(),
    wait: (ms) => new Promise((done) => setTimeout(done, ms)),
    alone: (name, task) => navigator.locks.request(key(name), task),
    readNote: (name) => {
      const note = z.safeParse(noteSchema, parseJson(localStorage.getItem(key(name))));
      return note.success ? note.data : null;
    },
    writeNote: (name, note) => (note === null ? localStorage.removeItem(key(name)) : localStorage.setItem(key(name), JSON.stringify(note))),
  };
}

function parseJson(text: string | null): unknown {
  try {
    return text === null ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

/**
 * What a pass over logs remembers for the next: places in files, windows that are still open, notices that wait. It is kept on branch `status`,
 * which outlives every artifact; accounts and addresses stand in it, so in strict mode it is sealed with the installation's key.
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import * as z from "zod/mini";
import { logCursorsSchema } from "../aurora/read-log-lines.ts";
import { type DetectorState, readDetectorState } from "../detection/detector-state.ts";
import { type Privacy, parse } from "../domain/index.ts";
import type { Branch } from "../github/branch.ts";
import { publishView } from "../ledger/status.ts";
import { EMPTY_STATE, type NotifierState, notifierStateSchema } from "../notify/state.ts";
import { Refusal } from "./outcome.ts";

const memorySchema = z.object({
  v: z.literal(1),
  /** When the last pass began to read. */
  at: z.nullable(z.iso.datetime()),
  /** By instance. */
  cursors: z.record(z.string(), logCursorsSchema),
  detector: z.unknown(),
  notifier: notifierStateSchema,
});

export interface Memory {
  readonly at: string | null;
  readonly cursors: z.output<typeof memorySchema>["cursors"];
  readonly detector: DetectorState | null;
  readonly notifier: NotifierState;
}

export interface PassMemory {
  /** Of the pass before; a first pass has none, and one that cannot be read is said. */
  read(): Promise<{ readonly memory: Memory; readonly problem: string | null }>;
  write(memory: Memory): Promise<void>;
}

const NONE: Memory = { at: null, cursors: {}, detector: null, notifier: EMPTY_STATE };

export function openPassMemory(status: Branch, cluster: string, privacy: Privacy): PassMemory {
  const path = `detect/${cluster}.json`;
  const secret = sealOf(privacy);
  return {
    async read() {
      const head = await status.head();
      const file = head === null ? undefined : (await status.files(head)).find((each) => each.path === path);
      if (file === undefined) return { memory: NONE, problem: null };
      try {
        return { memory: readMemory(JSON.parse(unseal(await status.read(file.sha), secret))), problem: null };
      } catch (error) {
        return { memory: NONE, problem: error instanceof Error ? error.message : String(error) };
      }
    },
    async write(memory) {
      const text = seal(JSON.stringify({ v: 1, ...memory }), secret);
      await publishView(status, path, `${text}\n`);
    },
  };
}

function readMemory(document: unknown): Memory {
  const { at, cursors, detector, notifier } = parse(memorySchema, document, "What the last pass remembered");
  return { at, cursors, detector: detector === null ? null : readDetectorState(detector), notifier };
}

function sealOf(privacy: Privacy): string | null {
  if (privacy.mode === "private") return null;
  if (privacy.secret === null) {
    throw new Refusal(
      "In strict mode a pass must seal what it remembers, and there is no key.",
      "Set the secret PRIVACY_KEY in the environment detect to a long random text.",
    );
  }
  return privacy.secret;
}

const CIPHER = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const SEALED = "sealed:";

function seal(text: string, secret: string | null): string {
  if (secret === null) return text;
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, keyOf(secret), nonce);
  const content = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return `${SEALED}${Buffer.concat([nonce, cipher.getAuthTag(), content]).toString("base64")}`;
}

function unseal(text: string, secret: string | null): string {
  if (!text.startsWith(SEALED)) return text;
  if (secret === null) throw new Error("it is sealed with a key that this installation no longer uses");
  const bytes = Buffer.from(text.slice(SEALED.length), "base64");
  const decipher = createDecipheriv(CIPHER, keyOf(secret), bytes.subarray(0, NONCE_BYTES));
  decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]).toString("utf8");
}

/** The secret is random text of any length; the cipher wants 32 bytes. */
function keyOf(secret: string): Buffer {
  return createHash("sha256").update(`holdfast pass memory ${secret}`).digest();
}

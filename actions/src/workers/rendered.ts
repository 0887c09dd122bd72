/**
 * What the job that runs a team's tool hands on to the jobs that hold credentials: the SQL it wrote, or why there is none. It travels as a job's
 * output, so that every stage works with the same bytes.
 */
import { gunzipSync, gzipSync } from "node:zlib";
import * as z from "zod/mini";
import { parse } from "../domain/index.ts";
import type { Rendering } from "../migrations/pending-migration.ts";
import { Refusal } from "./outcome.ts";

const handedOn = z.union([z.object({ version: z.string(), sql: z.string() }), z.object({ problem: z.string(), next: z.string() })]);
export type Rendered = Rendering | { readonly problem: string; readonly next: string };

// A process is given an input as one variable of its environment, which Linux holds to 128 KiB.
const PACKED_LIMIT = 120 * 1024;
const TEXT_LIMIT = 32 * 1024 * 1024;

export function packRendered(rendered: Rendered): string {
  const packed = gzipSync(JSON.stringify(rendered)).toString("base64");
  if (packed.length <= PACKED_LIMIT) return packed;
  return packRendered({
    problem: `The SQL of the migrations takes ${packed.length} bytes, packed; at most ${PACKED_LIMIT} can be handed on.`,
    next: "Set migrations.baseline in holdfast.yml to the revision that the database is at, and load data by other means.",
  });
}

/** Null where nothing was handed on; throws Refusal where the tool could not write it. */
export function readRendered(packed: string): Rendering | null {
  if (packed === "") return null;
  const text = gunzipSync(Buffer.from(packed, "base64"), { maxOutputLength: TEXT_LIMIT }).toString("utf8");
  const read = parse(handedOn, JSON.parse(text), "What the rendering job handed on");
  if ("problem" in read) throw new Refusal(read.problem, read.next);
  return read;
}

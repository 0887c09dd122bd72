import * as z from "zod";
import type { RecordEntry } from "../sandbox/record.ts";

const schema = z.object({
  at: z.iso.datetime(),
  service: z.enum(["github", "rds", "sts", "slack"]),
  method: z.string(),
  path: z.string(),
  status: z.number(),
  request: z.unknown().optional(),
  response: z.unknown().optional(),
});

/** Null for a line that no record could hold. */
export function readRecordEntry(line: string): RecordEntry | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  const { success, data } = schema.safeParse(value);
  return success ? data : null;
}

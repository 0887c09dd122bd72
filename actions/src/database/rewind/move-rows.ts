/**
 * Rows on their way between databases: always by COPY, because its data stands in no statement log, and as a stream, because there may be many.
 */
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type pg from "pg";
import { from as copyFrom, to as copyTo } from "pg-copy-streams";

/** `sql` gives the rows, in the order of the columns of the temporary table `into`. */
export async function moveRows(source: pg.Client, sql: string, target: pg.Client, into: string): Promise<void> {
  await pipeline(source.query(copyTo(`copy (${sql}) to stdout`)), target.query(copyFrom(`copy ${into} from stdin`)));
}

/** Fills the temporary table `into` with texts. */
export async function sendRows(target: pg.Client, into: string, rows: Iterable<readonly (string | null)[]>): Promise<void> {
  await pipeline(Readable.from(lines(rows)), target.query(copyFrom(`copy ${into} from stdin`)));
}

// A chunk for each row would cost a write each.
const CHUNK = 500;

function* lines(rows: Iterable<readonly (string | null)[]>): Generator<Buffer> {
  let chunk: string[] = [];
  for (const row of rows) {
    chunk.push(`${row.map((cell) => (cell === null ? "\\N" : escapeCell(cell))).join("\t")}\n`);
    if (chunk.length < CHUNK) continue;
    yield Buffer.from(chunk.join(""));
    chunk = [];
  }
  if (chunk.length > 0) yield Buffer.from(chunk.join(""));
}

const ESCAPES: Readonly<Record<string, string>> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" };

/** COPY's text format. */
function escapeCell(text: string): string {
  return text.replace(/[\\\t\n\r]/g, (character) => ESCAPES[character] ?? character);
}

import path from "node:path";
import { type LogFile, logFile, logFilesIn, readBytes } from "../postgres/server-log.ts";
import { pageOf } from "./describe.ts";
import type { Parameters } from "./parameters.ts";
import { refuse } from "./refusal.ts";
import { instanceOf, instancesOf, type Service } from "./service.ts";
import type { XmlObject } from "./shapes.ts";
import type { Instance } from "./world.ts";

/** One answer holds no more than this of a file, however it was asked. */
const portionBytes = 1024 * 1024;
const portionLines = 10_000;
const truncated = " [Your log message was truncated]";
const newline = 0x0a;

/** A log file as RDS names it, and where it lies. */
interface Served extends LogFile {
  readonly path: string;
}

export async function describeLogFiles(service: Service, parameters: Parameters): Promise<XmlObject> {
  const instance = readyInstance(service, parameters.required("DBInstanceIdentifier"));
  const contains = parameters.text("FilenameContains") ?? "";
  const writtenSince = parameters.integer("FileLastWritten", 0, Number.MAX_SAFE_INTEGER) ?? 0;
  const largerThan = parameters.integer("FileSize", 0, Number.MAX_SAFE_INTEGER) ?? -1;
  if (parameters.filters([]).length > 0) throw refuse.unserved("filters of log files, which RDS does not support either");
  const page = pageOf(parameters);
  const found = (await filesOf(service, instance)).filter(
    (file) => file.name.includes(contains) && file.writtenAt.getTime() >= writtenSince && file.size > largerThan,
  );
  const { items, marker } = page(found, ({ name }) => name);
  const details = items.map(({ name, size, writtenAt }) => ({ LogFileName: name, LastWritten: writtenAt.getTime(), Size: size }));
  return { DescribeDBLogFiles: { DescribeDBLogFilesDetails: details }, Marker: marker };
}

export async function downloadLogFilePortion(service: Service, parameters: Parameters): Promise<XmlObject> {
  const instance = readyInstance(service, parameters.required("DBInstanceIdentifier"));
  const name = parameters.required("LogFileName");
  const marker = parameters.text("Marker");
  const lines = parameters.integer("NumberOfLines", 1, portionLines) ?? portionLines;
  parameters.finish();
  const file = (await filesOf(service, instance)).find((each) => each.name === name);
  if (!file) throw refuse.logFileNotFound(name);
  const { text, end } = marker === undefined ? await newestLines(file, lines) : await linesFrom(file, offsetOf(file, marker), lines);
  // Whoever begins with the newest lines is told of nothing more, so the file's beginning is never seen.
  return { LogFileData: withoutForbidden(text), Marker: markerOf(file, end), AdditionalDataPending: end < file.size };
}

function readyInstance(service: Service, given: string): Instance {
  const instance = instanceOf(service, given);
  if (instance.status !== "available") throw refuse.instanceNotReady(instance.id);
  return instance;
}

/** Each instance has logs of its own. One PostgreSQL runs here for a cluster, its writer; a reader has nothing to tell. */
async function filesOf(service: Service, instance: Instance): Promise<readonly Served[]> {
  const cluster = service.world.clusters.find((each) => each.id === instance.cluster);
  const log = instancesOf(service, instance.cluster)[0] === instance && cluster ? service.postgres.logOf(cluster.resourceId) : undefined;
  if (!log) return [];
  const startup = await logFile(path.dirname(log.startup), path.basename(log.startup));
  const hourly = await logFilesIn(log.folder);
  return [
    ...(startup ? [{ ...startup, name: "error/postgres.log", path: log.startup }] : []),
    ...hourly.map((file) => ({ ...file, name: `error/${file.name}`, path: path.join(log.folder, file.name) })),
  ];
}

interface Portion {
  readonly text: string;
  /** The byte that the next portion begins with. */
  readonly end: number;
}

async function newestLines(file: Served, lines: number): Promise<Portion> {
  const start = Math.max(0, file.size - portionBytes);
  const bytes = await readBytes(file.path, start, file.size - start);
  const first = start > 0 ? bytes.indexOf(newline) + 1 : 0;
  const told = bytes.subarray(first);
  const starts = [0, ...lineEnds(told)].filter((offset) => offset < told.length);
  return { text: told.subarray(starts.at(-lines) ?? 0).toString(), end: start + bytes.length };
}

async function linesFrom(file: Served, start: number, lines: number): Promise<Portion> {
  const bytes = await readBytes(file.path, start, portionBytes);
  const afterLast = lineEnds(bytes)[lines - 1];
  if (afterLast !== undefined) return { text: bytes.subarray(0, afterLast).toString(), end: start + afterLast };
  if (start + bytes.length >= file.size || bytes.at(-1) === newline) return { text: bytes.toString(), end: start + bytes.length };
  // The rest of the line that was cut is never told: only who asks again for fewer lines from the marker before gets it whole.
  return { text: bytes.toString() + truncated, end: await endOfLine(file, start + bytes.length) };
}

/** The offset behind each newline. */
function lineEnds(bytes: Buffer): readonly number[] {
  const ends: number[] = [];
  for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, end + 1)) ends.push(end + 1);
  return ends;
}

async function endOfLine(file: Served, from: number): Promise<number> {
  for (let start = from; start < file.size; start += portionBytes) {
    const end = (await readBytes(file.path, start, portionBytes)).indexOf(newline);
    if (end >= 0) return start + end + 1;
  }
  return file.size;
}

/** `15:1048577`: the hour that the file is named for, and the byte to go on with, counted from 1. */
function markerOf(file: Served, offset: number): string {
  return `${hourOf(file)}:${offset + 1}`;
}

function offsetOf(file: Served, marker: string): number {
  if (marker === "0") return 0;
  const [, hour, position] = /^(\d{1,2}):([1-9]\d{0,14})$/.exec(marker) ?? [];
  const offset = Number(position) - 1;
  if (hour !== String(hourOf(file)) || offset > file.size) throw refuse.value(`The marker ${marker} is not valid for ${file.name}`);
  return offset;
}

function hourOf(file: Served): number {
  return Number(/-(\d\d)\d\d$/.exec(file.name)?.[1] ?? 0);
}

/** XML has no way to write most control characters, so no answer can carry them. */
function withoutForbidden(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd");
}

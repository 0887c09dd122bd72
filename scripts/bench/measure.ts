/** Runs a program and measures it from outside, the same way whoever wrote it. */
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";

export interface Run {
  readonly seconds: number;
  /** Of all its threads; on a machine with neighbours it says more than the clock. */
  readonly cpuSeconds: number;
  /** The most memory it had, mapped files included. */
  readonly peakMiB: number;
  readonly output: string;
}

const ASK_EVERY_MS = 10;
// What Linux counts a process's time in.
const TICKS_A_SECOND = 100;

export async function measure(program: string, args: readonly string[]): Promise<Run> {
  const started = performance.now();
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  let peakKiB = 0;
  let ticks = 0;
  // The kernel's high-water mark only grows: what is missed is what came in the last moment before the end.
  const asking = setInterval(() => {
    void readFile(`/proc/${child.pid}/status`, "utf8").then(
      (status) => {
        peakKiB = Math.max(peakKiB, Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0));
      },
      () => {},
    );
    void readFile(`/proc/${child.pid}/stat`, "utf8").then(
      (stat) => {
        // Behind the name, which may hold anything, the twelfth and thirteenth field are user's and system's.
        const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        ticks = Math.max(ticks, Number(fields[11]) + Number(fields[12]));
      },
      () => {},
    );
  }, ASK_EVERY_MS);
  const printed: Buffer[] = [];
  const said: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => printed.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => said.push(chunk));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  }).finally(() => clearInterval(asking));
  const seconds = (performance.now() - started) / 1000;
  if (code !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${code}: ${Buffer.concat(said).toString().slice(0, 1_000)}`);
  return { seconds, cpuSeconds: ticks / TICKS_A_SECOND, peakMiB: peakKiB / 1024, output: Buffer.concat(printed).toString() };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = Number.NaN, high = Number.NaN] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  return (low + high) / 2;
}

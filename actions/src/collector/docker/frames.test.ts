import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { demultiplex, SYSTEM_ERROR } from "./frames.ts";
import { joinFrames, takeStamp } from "./stamped-lines.ts";
import { splitEntries } from "./tty-entries.ts";

const corpora = process.env.HOLDFAST_CORPORA;

function frame(stream: number, text: string | Buffer): Buffer {
  const payload = Buffer.from(text);
  const header = Buffer.alloc(8);
  header.writeUInt8(stream, 0);
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

/** What a reader of the log sees when it comes in chunks of this size. */
function read(bytes: Buffer, chunkSize: number) {
  const frames = demultiplex();
  const joiner = joinFrames([]);
  const lines: string[] = [];
  const said: string[] = [];
  for (let at = 0; at < bytes.length; at += chunkSize) {
    for (const each of frames.push(bytes.subarray(at, at + chunkSize))) {
      if (each.stream === SYSTEM_ERROR) {
        said.push(each.payload.toString());
        continue;
      }
      const stamped = takeStamp(each.payload);
      const line = joiner.push(each, stamped?.stamp ?? null, stamped?.rest ?? each.payload);
      if (line !== null) lines.push(line.text);
    }
  }
  return { lines: [...lines, ...joiner.takeRest().map((each) => each.text)], said, pending: frames.pending };
}

describe.skipIf(corpora === undefined)("recorded logs (HOLDFAST_CORPORA)", () => {
  test.each(["docker-frames-modelled.bin", "podman-frames-talk.bin", "podman-frames-long-lines.bin"])(
    "%s gives the same lines byte by byte and in one chunk, and no header or stamp stays in them",
    (file) => {
      const bytes = readFileSync(join(corpora ?? "", file));
      const whole = read(bytes, 1024 ** 2);
      expect(whole.lines.length).toBeGreaterThan(2);
      expect(whole.pending).toBe(0);
      expect(read(bytes, 1)).toEqual(whole);
      expect(read(bytes, 4096)).toEqual(whole);
      for (const line of whole.lines) {
        expect(line).not.toContain("\0");
        expect(line).not.toMatch(/\uFFFD|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{9})?Z /);
      }
    },
  );

  test("what the engine itself says about the log is no line of the container", () => {
    const { lines, said } = read(readFileSync(join(corpora ?? "", "docker-frames-modelled.bin")), 1024 ** 2);
    expect(said.join()).toMatch(/error/i);
    expect(lines.join()).not.toContain(said[0]?.trim());
  });
});

test("a hundred thousand frames in one chunk cost no stack", () => {
  const one = frame(1, "2026-11-20T12:00:00Z x\n");
  expect(read(Buffer.concat(Array.from({ length: 100_000 }, () => one)), 1e9).lines).toHaveLength(100_000);
});

test("a line in pieces keeps the stamp of its first, and the two streams do not mix", () => {
  const joiner = joinFrames([]);
  const push = (stream: number, text: string | Buffer) => {
    const payload = Buffer.concat([Buffer.from("2026-11-20T12:00:0"), Buffer.from(text)]);
    const stamped = takeStamp(payload);
    return joiner.push({ stream, payload }, stamped?.stamp ?? null, stamped?.rest ?? payload);
  };
  const euro = Buffer.from("€");
  expect(push(1, Buffer.concat([Buffer.from("0.000000001Z a "), euro.subarray(0, 1)]))).toBeNull();
  expect(push(2, "1.000000000Z error\n")).toEqual({ text: "error", stamp: Date.parse("2026-11-20T12:00:01Z") });
  expect(push(1, Buffer.concat([Buffer.from("2.000000000Z "), euro.subarray(1), Buffer.from(" b\n")]))).toEqual({
    text: "a € b",
    stamp: Date.parse("2026-11-20T12:00:00Z"),
  });
});

test("a line that has begun survives as JSON", () => {
  const first = joinFrames([]);
  first.push({ stream: 1, payload: Buffer.alloc(0) }, 5, Buffer.from("begun "));
  const second = joinFrames(JSON.parse(JSON.stringify(first.open())));
  expect(second.push({ stream: 1, payload: Buffer.alloc(0) }, 6, Buffer.from("ended\n"))).toEqual({ text: "begun ended", stamp: 5 });
});

test("a stream that is not framed is refused, not taken for text", () => {
  expect(() => demultiplex().push(Buffer.from("2026-11-20T12:00:00Z plain text\n"))).toThrow("not framed");
});

test("a terminal's line that the engine cut loses the stamps in its middle", () => {
  const text = "x".repeat(40_000);
  const stamp = "2026-11-20T12:00:00.000000000Z ";
  const entry = `${stamp}${text.slice(0, 16_384)}${stamp}${text.slice(16_384, 32_768)}${stamp}${text.slice(32_768)}\r\n`;
  const [only] = splitEntries().push(Buffer.from(entry));
  expect(takeStamp(only?.payload ?? Buffer.alloc(0))?.rest.toString()).toBe(`${text}\r\n`);
});

import { appendFileSync, copyFileSync, existsSync, readdirSync, renameSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type CollectorPlace, failedLogins, openCollectorPlace, until } from "./collector-process.ts";

const CONFIG = `clusters:
  - {id: app-prod, region: eu-west-1, database: app}
apps:
  - {name: web, cluster: app-prod, files: [app/web.log]}
`;

let place: CollectorPlace;
let log: string;

beforeEach(() => {
  place = openCollectorPlace(CONFIG);
  log = join(place.folder, "app", "web.log");
});
afterEach(() => place.close());

const noise = (index: number) =>
  JSON.stringify({ event: "request", path: `/items/${index}`, level: "info", timestamp: new Date().toISOString() });
const ipOf = (index: number) => `198.51.${Math.floor(index / 250)}.${(index % 250) + 1}`;

function expectEachOnce(ips: readonly string[]): void {
  expect(place.opened().toSorted()).toEqual(ips.toSorted());
  const told = place.alerts().map((alert) => `${alert.id} ${alert.transition} ${alert.count} ${alert.lastEventAt}`);
  expect(new Set(told).size, "no transition is written twice").toBe(told.length);
}

describe("killed at any moment and started again, it loses no alert and repeats none", () => {
  test("while a program writes and its log is rotated and truncated", async () => {
    const ips: string[] = [ipOf(0)];
    // What was rotated away before it ever ran is not its business.
    writeFileSync(log, `${failedLogins(ipOf(0)).join("\n")}\n`);
    const first = place.start();
    await until("the first alert", () => place.opened().length === 1);
    await first.kill();
    let stop = false;
    const write = async () => {
      for (let index = 1; !stop; index += 1) {
        const ip = ipOf(index);
        const lines = [noise(index), ...failedLogins(ip), noise(index)];
        // A line in two writes: what is read meanwhile ends inside it.
        const text = `${lines.join("\n")}\n`;
        appendFileSync(log, text.slice(0, -30));
        await pause(2);
        appendFileSync(log, text.slice(-30));
        ips.push(ip);
        if (index % 40 === 20) renameSync(log, `${log}.${index}`);
        if (index % 40 === 39) {
          copyFileSync(log, `${log}.${index}`);
          truncateSync(log);
        }
        await pause(10);
      }
    };
    const writing = write();
    for (let round = 0; round < 10; round += 1) {
      const collector = place.start();
      await pause(400 + Math.random() * 900);
      await collector.kill();
    }
    stop = true;
    await writing;
    const last = place.start();
    await until("the last alert", () => place.opened().includes(ips.at(-1) ?? ""));
    expect((await last.end()).code).toBe(0);
    expectEachOnce(ips);
  });

  test("also where alerts.jsonl lost the end of what the journal holds", async () => {
    const ips = [1, 2, 3].map(ipOf);
    writeFileSync(log, `${ips.flatMap((ip) => failedLogins(ip)).join("\n")}\n`);
    const first = place.start();
    await until("three alerts", () => place.opened().length === 3);
    await first.kill();
    const file = join(place.folder, "alerts", "alerts.jsonl");
    truncateSync(file, statSync(file).size - 40);
    const second = place.start();
    await until("the torn line", () => place.opened().length === 3);
    await second.end();
    expectEachOnce(ips);
  });
});

test("SIGTERM ends it with everything recorded that was read, and it goes on from there", async () => {
  writeFileSync(log, `${failedLogins(ipOf(1)).slice(0, 4).join("\n")}\n`);
  const first = place.start();
  const logs = join(place.folder, "logs");
  await until("the lines to be kept", () => existsSync(logs) && readdirSync(logs).some((file) => statSync(join(logs, file)).size > 0));
  expect(await first.end()).toMatchObject({ code: 0 });
  expect(place.opened()).toEqual([]);
  appendFileSync(log, `${failedLogins(ipOf(1)).slice(4).join("\n")}\n`);
  const second = place.start();
  await until("the alert that began before", () => place.opened().length === 1);
  await second.end();
});

test("after an absence, sources of one app are counted in the order of their time, killed meanwhile or not", async () => {
  await place.close();
  place = openCollectorPlace(CONFIG.replace("[app/web.log]", "[app/one.log, app/two.log, app/three.log]"));
  const files = ["one", "two", "three"].map((name) => join(place.folder, "app", `${name}.log`));
  const hourAgo = Date.now() - 3_600_000;
  const ips: string[] = [];
  for (const [which, file] of files.entries()) {
    const lines: string[] = [];
    for (let minute = 0; minute < 60; minute += 1) {
      const ip = ipOf(which * 60 + minute);
      ips.push(ip);
      lines.push(...failedLogins(ip, hourAgo + minute * 60_000), ...Array.from({ length: 40 }, (_, index) => noise(index)));
    }
    writeFileSync(file, `${lines.join("\n")}\n`);
  }
  for (let round = 0; round < 3; round += 1) {
    const collector = place.start();
    await pause(700 + round * 400);
    await collector.kill();
  }
  const last = place.start();
  await until("every alert", () => new Set(place.opened()).size === ips.length);
  await last.end();
  expectEachOnce(ips);
});

test("a second collector on the same state is refused with 75", async () => {
  writeFileSync(log, `${failedLogins(ipOf(1)).join("\n")}\n`);
  const first = place.start();
  await until("the alert", () => place.opened().length === 1);
  expect(await place.start().done).toMatchObject({ code: 75, printed: expect.stringContaining("another collector") });
  await first.end();
});

test("lines of every kind crash nothing, are kept and counted, and hide no alert", async () => {
  const random = (length: number) => Buffer.from(Array.from({ length }, () => Math.floor(Math.random() * 256)));
  const hostile = [
    random(200_000),
    Buffer.from([0xff, 0xfe, 0x80, 0x0a, 0xc3, 0x0a]),
    Buffer.alloc(10_000_000, "x"),
    Buffer.from(`\n\u001b[2J\u001b]8;;http://evil\u0007{"__proto__": {"event": 1}}\n${"[".repeat(50_000)}\n`),
  ];
  for (const [index, bytes] of hostile.entries()) {
    appendFileSync(log, bytes);
    appendFileSync(log, `\n${failedLogins(ipOf(index)).join("\n")}\n`);
  }
  const collector = place.start();
  await until("every alert", () => place.opened().length === hostile.length);
  const { code, printed } = await collector.end();
  expect(code).toBe(0);
  expect(printed).toContain("too long");
  expectEachOnce(hostile.map((_, index) => ipOf(index)));
});

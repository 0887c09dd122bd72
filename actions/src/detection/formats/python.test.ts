import { expect, test } from "vitest";
import { tellLines } from "../tell-lines.ts";

const said = "Failed login for 'eve' from 203.0.113.9";

test.each([
  `[2025-11-03 08:04:49,123] WARNING in portal: ${said}`,
  `2025-11-03 08:04:49,123 WARNING [shop.auth] ${said}`,
  `2025-11-03 08:04:49,123 - shop.auth - WARNING - ${said}`,
  `2025-11-03 08:04:49,123 WARNING shop.auth: ${said}`,
  `2025-11-03 08:04:49,123 [WARNING] shop.auth: ${said}`,
  `2025-11-03 08:04:49,123 WARNING views 12 140123 ${said}`,
  `2025-11-03 08:04:49.123 | WARNING  | shop.auth:login:42 - ${said}`,
  `2025-11-03T08:04:49.123Z [warning  ] login_failed   [shop.auth] user=eve ip=203.0.113.9`,
])("%s", (line) => {
  expect(tellLines(line)).toMatchObject([
    { kind: "auth-failed", actor: "eve", ip: "203.0.113.9", at: Date.UTC(2025, 10, 3, 8, 4, 49, 123) },
  ]);
});

test.each([`WARNING:root:${said}`, `WARNING:shop.auth:${said}`, `WARNING  [shop.auth] ${said}`, `[WARNING] ${said}`])(
  "without a time: %s",
  (line) => {
    expect(tellLines(line)).toMatchObject([{ kind: "auth-failed", at: null }]);
    expect(tellLines(line, {}, 1_000)).toMatchObject([{ at: 1_000 }]);
  },
);

test("a sentence without a head is no record", () => {
  expect(tellLines(said)).toEqual([]);
});

import { isIP } from "node:net";
import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalAddress, lastAddress } from "./address.ts";

test.each([
  ["203.0.113.9", "203.0.113.9"],
  ["203.0.113.9:4711", "203.0.113.9"],
  ["::ffff:203.0.113.9", "203.0.113.9"],
  ["::ffff:cb00:7109", "203.0.113.9"],
  ["[2001:DB8::1]:443", "2001:db8::1"],
  ["2001:0db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
  ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
  ["fe80::1%eth0", "fe80::1"],
  ["::", "::"],
  ["0:0:0:0:0:0:0:1", "::1"],
])("%s is %s", (text, expected) => {
  expect(canonicalAddress(text)).toBe(expected);
});

test.each(["localhost", "256.1.1.1", "1.2.3", "01.2.3.4", "1::2::3", "12:30:45", ":::", "1:2:3:4:5:6:7:8:9", "[::1", "", "-", "[::1]x"])(
  "%s is none",
  (text) => {
    expect(canonicalAddress(text)).toBeNull();
  },
);

test("what is found is an address, and every address is found in its one form", () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (address) => {
      const canonical = canonicalAddress(address);
      expect(isIP(canonical ?? "")).toBeGreaterThan(0);
      expect(canonicalAddress(canonical ?? "")).toBe(canonical);
    }),
  );
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(..."0123456789abcdef:.[]%/ g") }), (text) => {
      const canonical = canonicalAddress(text);
      expect(canonical === null || isIP(canonical) > 0).toBe(true);
    }),
  );
});

test("the last one in a text counts, and a time or a version is none", () => {
  expect(lastAddress("x from 192.0.2.1 port 1 from 198.51.100.18 port 4")).toBe("198.51.100.18");
  expect(lastAddress("at 12:30:45 Version/17.4.1.2 from [2001:db8::5]:443.")).toBe("2001:db8::5");
  expect(lastAddress("nothing at 12:30:45")).toBeNull();
});

import { expect, test } from "vitest";
import { FAULT_NAMES, readFaultName } from "../../scripts/sandbox/faults/named-faults.ts";
import { AWS_ROWS, GITHUB_ROWS } from "./fault-rows.ts";
import { meetFaults } from "./meet-faults.ts";

test("every named fault has its row, and a name that is none is answered with those there are", () => {
  expect([...AWS_ROWS, ...GITHUB_ROWS].map((row) => row.fault).sort()).toEqual([...FAULT_NAMES].sort());
  expect(() => readFaultName("gremlins")).toThrow(/fault is "gremlins"; allowed: rds-throttling, rds-500/);
});

meetFaults(GITHUB_ROWS);

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import * as z from "zod";

/** Licences under which somebody may promote and run what we bundle without asking anybody. */
const ALLOWED = ["MIT", "MIT-0", "Apache-2.0", "ISC", "0BSD", "BSD-2-Clause", "BSD-3-Clause", "Unlicense", "Python-2.0"];

const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({
      license: z.string().optional(),
      dev: z.boolean().optional(),
      optional: z.boolean().optional(),
      link: z.boolean().optional(),
      resolved: z.string().optional(),
      integrity: z.string().optional(),
      hasInstallScript: z.boolean().optional(),
    }),
  ),
});
const { packages } = lockSchema.parse(JSON.parse(readFileSync("package-lock.json", "utf8")));
const foreign = Object.entries(packages).filter(([path, { link }]) => path.includes("node_modules/") && link !== true);

test("everything that is shipped has a licence that lets it be shipped", () => {
  const shipped = foreign.filter(([, { dev, optional }]) => dev !== true && optional !== true);
  expect(shipped.length).toBeGreaterThan(50);
  expect(
    shipped
      .filter(([, { license }]) => license === undefined || !ALLOWED.includes(license))
      .map(([path, { license }]) => `${path}: ${license}`),
  ).toEqual([]);
});

test("every package is held to the bytes that were locked", () => {
  expect(foreign.filter(([, { integrity }]) => integrity === undefined).map(([path]) => path)).toEqual([]);
});

test("nothing that is shipped runs a script when it is installed", () => {
  expect(foreign.filter(([, { dev, optional, hasInstallScript }]) => !dev && !optional && hasInstallScript).map(([path]) => path)).toEqual(
    [],
  );
});

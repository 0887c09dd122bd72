import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

const css = readFileSync(new URL("./src/app/tokens.css", import.meta.url), "utf8");
const MODES = ["light", "dark"] as const;
const STATES = ["normal", "degraded", "blocked", "override"] as const;

type Rgb = readonly [number, number, number];

function token(name: string, mode: (typeof MODES)[number]): Rgb {
  const [, light, dark] = new RegExp(`--${name}: light-dark\\((#[0-9a-f]{6}), (#[0-9a-f]{6})\\)`).exec(css) ?? [];
  const hex = mode === "light" ? light : dark;
  if (hex === undefined) throw new Error(`tokens.css has no --${name} with a light and a dark colour`);
  const linear = (at: number) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [linear(1), linear(3), linear(5)];
}

function contrast(a: Rgb, b: Rgb): number {
  const luminance = ([red, green, blue]: Rgb) => 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  const [light, dark] = [luminance(a), luminance(b)].toSorted((x, y) => y - x);
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
}

// Machado, Oliveira and Fernandes 2009, severity 1.0, in linear RGB.
const VISIONS: Readonly<Record<string, readonly [Rgb, Rgb, Rgb]>> = {
  usual: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protan: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deutan: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritan: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

const dot = (a: Rgb, b: Rgb) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

function seen(color: Rgb, matrix: readonly [Rgb, Rgb, Rgb]): Rgb {
  const clip = (value: number) => Math.min(1, Math.max(0, value));
  return [clip(dot(matrix[0], color)), clip(dot(matrix[1], color)), clip(dot(matrix[2], color))];
}

function oklab(color: Rgb): Rgb {
  const lms: Rgb = [
    Math.cbrt(dot([0.4122214708, 0.5363325363, 0.0514459929], color)),
    Math.cbrt(dot([0.2119034982, 0.6806995451, 0.1073969566], color)),
    Math.cbrt(dot([0.0883024619, 0.2817188376, 0.6299787005], color)),
  ];
  return [
    dot([0.2104542553, 0.793617785, -0.0040720468], lms),
    dot([1.9779984951, -2.428592205, 0.4505937099], lms),
    dot([0.0259040371, 0.7827717662, -0.808675766], lms),
  ];
}

function distance(a: Rgb, b: Rgb): number {
  const [x, y] = [oklab(a), oklab(b)];
  return 100 * Math.hypot(x[0] - y[0], x[1] - y[1], x[2] - y[2]);
}

describe.each(MODES)("colours, %s", (mode) => {
  test.each(["page", "raised"])("text reads on %s", (ground) => {
    for (const ink of ["ink", "ink-soft"]) expect(contrast(token(ink, mode), token(ground, mode))).toBeGreaterThanOrEqual(4.5);
  });

  test.each(STATES)("%s reads on the page, and the page's colour on it", (state) => {
    expect(contrast(token(state, mode), token("page", mode))).toBeGreaterThanOrEqual(4.5);
  });

  test("edges of controls can be seen", () => {
    for (const ground of ["page", "raised"]) expect(contrast(token("edge", mode), token(ground, mode))).toBeGreaterThanOrEqual(3);
  });

  test.each(Object.entries(VISIONS))("states differ for %s vision", (_, matrix) => {
    for (const [index, a] of STATES.entries()) {
      for (const b of STATES.slice(index + 1)) {
        expect(distance(seen(token(a, mode), matrix), seen(token(b, mode), matrix)), `${a} and ${b}`).toBeGreaterThanOrEqual(10);
      }
    }
  });
});

/** Holds the built page to its weights: first load and any lazy chunk, gzipped. Needs `npm run build` first. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const DIST = fileURLToPath(new URL("../../web/dist/", import.meta.url));

// The panel's acceptance criteria: what a phone on a slow network loads before the first state word.
const LIMITS_KB = { firstLoadJs: 160, firstLoadCss: 12, lazyChunk: 35 } as const;

function gzippedKb(file: string): number {
  return gzipSync(readFileSync(`${DIST}${file}`), { level: 9 }).length / 1000;
}

let files: readonly string[];
try {
  files = readdirSync(DIST, { recursive: true, encoding: "utf8" });
} catch {
  console.error("web/dist is missing; run: npm run build");
  process.exit(1);
}

const html = readFileSync(`${DIST}index.html`, "utf8");
const first = [...html.matchAll(/(?:src|href)="\.?\/?([^"]+\.(?:js|css))"/g)].flatMap((match) => match[1] ?? []);
const js = first.filter((file) => file.endsWith(".js"));
const css = first.filter((file) => file.endsWith(".css"));
const lazy = files.filter((file) => file.endsWith(".js") && !js.includes(file.replaceAll("\\", "/")));
if (js.length === 0) throw new Error("index.html loads no script: the check would measure nothing");

const sum = (names: readonly string[]) => names.reduce((total, name) => total + gzippedKb(name), 0);
const rows = [
  { what: "first load, JavaScript", kb: sum(js), limit: LIMITS_KB.firstLoadJs },
  { what: "first load, CSS", kb: sum(css), limit: LIMITS_KB.firstLoadCss },
  ...lazy.map((file) => ({ what: `lazy chunk ${file}`, kb: gzippedKb(file), limit: LIMITS_KB.lazyChunk })),
];
for (const { what, kb, limit } of rows) console.log(`${kb > limit ? "TOO BIG" : "ok"}  ${what}: ${kb.toFixed(1)} kB of ${limit} kB`);
process.exitCode = rows.some(({ kb, limit }) => kb > limit) ? 1 : 0;

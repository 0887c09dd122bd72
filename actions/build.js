// Bundles the workers and the command line: each runs on a bare Node, because nothing is installed at recovery time.
import { readFile, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";
import { build } from "esbuild";

/** PostgreSQL's parser reads its WebAssembly from beside its own file; in a bundle the bytes travel inside it, as text, because a promotion commits text. */
const embedParser = {
  name: "embed-parser",
  setup(setup) {
    setup.onLoad({ filter: /libpg-query[\\/]wasm[\\/]libpg-query\.js$/ }, async ({ path }) => {
      const wasm = brotliCompressSync(await readFile(path.replace(/js$/, "wasm"))).toString("base64");
      const bytes = `require("node:zlib").brotliDecompressSync(Buffer.from("${wasm}", "base64"))`;
      const source = await readFile(path, "utf8");
      const places = ["async function getWasmBinary(binaryFile){", 'scriptDirectory=__dirname+"/"'];
      for (const place of places) if (!source.includes(place)) throw new Error(`libpg-query has changed: ${place} is no longer in ${path}`);
      return {
        contents: source.replace(places[0], `${places[0]}return ${bytes};`).replace(places[1], 'scriptDirectory=""'),
        loader: "js",
      };
    });
  },
};

// A path, not an address: a folder may have a space in its name.
const out = fileURLToPath(new URL("dist/", import.meta.url));
await rm(out, { recursive: true, force: true });
const { metafile } = await build({
  absWorkingDir: fileURLToPath(new URL(".", import.meta.url)),
  entryPoints: {
    snapshot: "src/workers/snapshot.ts",
    restore: "src/workers/restore.ts",
    cleanup: "src/workers/cleanup.ts",
    drill: "src/workers/drill.ts",
    retention: "src/workers/retention.ts",
    hold: "src/workers/hold.ts",
    "cut-over": "src/workers/cut-over.ts",
    rewind: "src/workers/rewind.ts",
    migrate: "src/workers/migrate.ts",
    "lint-pull-request": "src/workers/lint-pull-request.ts",
    respond: "src/workers/respond.ts",
    "pull-alerts": "src/workers/pull-alerts.ts",
    canary: "src/workers/canary.ts",
    detect: "src/workers/detect.ts",
    schedule: "src/workers/schedule.ts",
    promote: "src/workers/promote.ts",
    holdfast: "src/cli/holdfast.ts",
  },
  outdir: out,
  outExtension: { ".js": ".mjs" },
  bundle: true,
  splitting: true,
  platform: "node",
  format: "esm",
  target: "node20.19",
  minify: true,
  legalComments: "linked",
  // pg looks for its native twin only when asked to; leaving it out keeps the bundle whole without it.
  external: ["pg-native"],
  // Bundled CommonJS packages still call require for Node's own modules.
  banner: { js: 'import { createRequire as holdfastRequire } from "node:module"; const require = holdfastRequire(import.meta.url);' },
  plugins: [embedParser],
  metafile: true,
});
for (const [file, { bytes }] of Object.entries(metafile.outputs)) console.log(`${file}  ${(bytes / 1024).toFixed(0)} kB`);

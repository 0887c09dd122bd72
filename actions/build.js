// Bundles the workers and the command line: each runs on a bare Node, because nothing is installed at recovery time.
import { rm } from "node:fs/promises";
import { build } from "esbuild";

const out = new URL("dist/", import.meta.url).pathname;
await rm(out, { recursive: true, force: true });
const { metafile } = await build({
  absWorkingDir: new URL(".", import.meta.url).pathname,
  entryPoints: {
    snapshot: "src/workers/snapshot.ts",
    restore: "src/workers/restore.ts",
    cleanup: "src/workers/cleanup.ts",
    respond: "src/workers/respond.ts",
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
  metafile: true,
});
for (const [file, { bytes }] of Object.entries(metafile.outputs)) console.log(`${file}  ${(bytes / 1024).toFixed(0)} kB`);

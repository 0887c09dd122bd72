#!/usr/bin/env node
// npm links a bin at install time, before anything is built, so this stub is committed and the bundle is looked up when it runs.
import { existsSync } from "node:fs";

const bundle = new URL("../dist/holdfast.mjs", import.meta.url);
if (existsSync(bundle)) {
  await import(bundle.href);
} else {
  console.error("holdfast: the command line is not built yet. Run: npm run build");
  process.exitCode = 1;
}

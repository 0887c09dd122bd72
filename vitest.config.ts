import { readFileSync } from "node:fs";
import { defineConfig, type Plugin } from "vitest/config";
import { PATIENCE } from "./scripts/testing/patience.ts";

const GITHUB_PARSERS = /@actions\/(workflow-parser|expressions)\/.*\.js$/;

/** GitHub's packages name source maps without their sources; vite would say so once a file and drown what a failing test says. */
const withoutSourceMaps: Plugin = {
  name: "without-source-maps",
  enforce: "pre",
  load: (id) => (GITHUB_PARSERS.test(id) ? readFileSync(id, "utf8").replace(/^\/\/# sourceMappingURL=.*$/m, "") : null),
};

export default defineConfig({
  plugins: [withoutSourceMaps],
  test: {
    include: ["{actions,scripts,web}/**/*.test.ts", "{actions,scripts,web}/**/*.test.tsx"],
    exclude: ["**/node_modules/**", "**/dist/**", ".holdfast/**"],
    // Most of the time a worker waits, a second between two writes as GitHub asks, so more files fit beside each other than there are cores.
    maxWorkers: 3,
    // For what hangs alone: on two busy cores a story of many waits takes minutes, and no test measures speed.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    expect: { poll: PATIENCE },
    // They also import JSON without an import attribute, which plain Node 20 refuses; inlined, vitest transforms them.
    server: { deps: { inline: [GITHUB_PARSERS] } },
  },
});

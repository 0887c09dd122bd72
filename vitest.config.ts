import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{actions,scripts,web}/**/*.test.ts", "{actions,scripts,web}/**/*.test.tsx"],
    exclude: ["**/node_modules/**", "**/dist/**", ".holdfast/**"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // GitHub's parsers import JSON without an import attribute, which plain Node 20 refuses; inlined, vitest transforms them.
    server: { deps: { inline: [/@actions\/(workflow-parser|expressions)/] } },
  },
});

import { createLogger } from "vite";
import { defineConfig } from "vitest/config";

// GitHub's packages ship source maps without their sources; vite says so once a file, which drowns what a failing test says.
const logger = createLogger();
const { warnOnce } = logger;
logger.warnOnce = (message, options) => {
  if (!message.includes("points to missing source files")) warnOnce(message, options);
};

export default defineConfig({
  customLogger: logger,
  test: {
    include: ["{actions,scripts,web}/**/*.test.ts", "{actions,scripts,web}/**/*.test.tsx"],
    exclude: ["**/node_modules/**", "**/dist/**", ".holdfast/**"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // GitHub's parsers import JSON without an import attribute, which plain Node 20 refuses; inlined, vitest transforms them.
    server: { deps: { inline: [/@actions\/(workflow-parser|expressions)/] } },
  },
});

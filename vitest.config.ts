import { readFileSync } from "node:fs";
import { defineConfig, type Plugin } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { PATIENCE } from "./scripts/testing/patience.ts";

const GITHUB_PARSERS = /@actions\/(workflow-parser|expressions)\/.*\.js$/;

/** GitHub's packages name source maps without their sources; vite would say so once a file and drown what a failing test says. */
const withoutSourceMaps: Plugin = {
  name: "without-source-maps",
  enforce: "pre",
  load: (id) => (GITHUB_PARSERS.test(id) ? readFileSync(id, "utf8").replace(/^\/\/# sourceMappingURL=.*$/m, "") : null),
};

/** A fresh clone knows no durations, and the files of these minutes are among the shortest: begun last, one of them would run alone at the end. */
const LONGEST =
  /\/(drill|faults-github|faults-aws|random-runs|rewind|crashes|alerts|races|migrate|migrations|migrate-crashes|detect)\.test/;

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => (LONGEST.test(moduleId) ? 0 : moduleId.includes("/e2e/") ? 1 : 2);
    return (await super.sort(files)).sort((one, other) => rank(one) - rank(other));
  }
}

export default defineConfig({
  plugins: [withoutSourceMaps],
  test: {
    include: ["{actions,scripts,web}/**/*.test.ts", "{actions,scripts,web}/**/*.test.tsx"],
    exclude: ["**/node_modules/**", "**/dist/**", ".holdfast/**"],
    globalSetup: ["scripts/testing/shared-folder.ts"],
    // Most of the time a worker waits, a second between two writes as GitHub asks, so more files fit beside each other than there are cores.
    maxWorkers: 4,
    sequence: { sequencer: LongestFirst },
    // For what hangs alone: on two busy cores a story of many waits takes minutes, and no test measures speed.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    expect: { poll: PATIENCE },
    // They also import JSON without an import attribute, which plain Node 20 refuses; inlined, vitest transforms them.
    server: { deps: { inline: [GITHUB_PARSERS] } },
  },
});

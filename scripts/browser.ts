import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium } from "playwright";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/**
 * A Chromium to run the page in: the one named by HOLDFAST_BROWSER, the system's, Playwright's own, or one that is installed now (by Playwright,
 * else by the system's package manager). Throws with what to do when none can be had.
 */
export function findBrowser(say: (line: string) => void): string {
  const found = present();
  if (found !== null) return found;
  say("No Chromium here yet; installing Playwright's (about 150 MB)…");
  spawnSync("npx", ["--no-install", "playwright", "install", "chromium"], { stdio: "inherit", timeout: 300_000 });
  const own = present();
  if (own !== null) return own;
  if (process.getuid?.() === 0 && spawnSync("apt-get", ["--version"]).status === 0) {
    say("Playwright's download was not possible; installing the system's package chromium…");
    spawnSync("apt-get", ["update", "-qq"], { stdio: "inherit" });
    spawnSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "chromium"], { stdio: ["ignore", "ignore", "inherit"] });
  }
  const packaged = present();
  if (packaged !== null) return packaged;
  throw new Error(
    "No Chromium could be found or installed. Install one (for example: apt-get install chromium) or set HOLDFAST_BROWSER to its path.",
  );
}

function present(): string | null {
  const candidates = [
    process.env.HOLDFAST_BROWSER ?? "",
    ...(process.env.PATH ?? "").split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name))),
    chromium.executablePath(),
  ];
  return candidates.find((file) => file !== "" && executable(file)) ?? null;
}

function executable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright";
import { findBrowser } from "../../scripts/browser.ts";
import { type Access, readAccess } from "../../scripts/sandbox/access.ts";
import { servePage } from "../../scripts/sandbox/page/serve-page.ts";
import { type Sandbox, type SandboxOptions, startSandbox } from "../../scripts/sandbox/sandbox.ts";
import { PATIENCE } from "../../scripts/testing/patience.ts";
import { copyPromotedState } from "../../scripts/testing/promoted-state.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export interface PageWorld {
  readonly sandbox: Sandbox;
  readonly tokens: Access["tokens"];
  readonly url: string;
  /** A page of a browser context of its own, watched for violations of its content security policy. */
  open(options?: BrowserContextOptions): Promise<Page>;
  /** What the browsers blocked since the world began; anything here is a defect. */
  violations(): readonly string[];
  close(): Promise<void>;
}

/** The built page, served beside a sandbox that promoted `main`: what `npm start` gives, on ports of its own. */
export async function openPageWorld(options: Pick<SandboxOptions, "record" | "reviewers" | "pace"> = {}): Promise<PageWorld> {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-page-"));
  const state = join(folder, "state");
  await copyPromotedState(state);
  const sandbox = await startSandbox({ state, checkout: ROOT, ...options });
  const { tokens } = await readAccess(state, sandbox.github);
  const site = join(folder, "site");
  execFileSync(
    process.execPath,
    ["web/deploy.js", "--out", site, "--owner", "acme", "--repository", "holdfast", "--api-url", sandbox.github.url],
    { cwd: ROOT },
  );
  const server = await servePage(site, 0);
  const browser = await launch();
  const violations: string[] = [];

  return {
    sandbox,
    tokens,
    url: server.url,
    violations: () => violations,
    async open(options = {}) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
      context.setDefaultTimeout(PATIENCE.timeout);
      await context.exposeFunction("reportViolation", (text: string) => violations.push(text));
      await context.addInitScript(() => {
        document.addEventListener("securitypolicyviolation", (event) => {
          Reflect.apply(Reflect.get(window, "reportViolation"), window, [
            `${event.violatedDirective}: ${event.blockedURI} ${event.sample}`,
          ]);
        });
      });
      return context.newPage();
    },
    async close() {
      await browser.close();
      await server.close();
      await sandbox.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function launch(): Promise<Browser> {
  // A root user's Chromium has no sandbox of its own; the rest keeps it from calling home.
  const quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run", "--disable-gpu"];
  return chromium.launch({ executablePath: findBrowser(() => {}), args: process.getuid?.() === 0 ? ["--no-sandbox", ...quiet] : quiet });
}

interface AxeResults {
  readonly violations: readonly { readonly id: string; readonly help: string; readonly nodes: readonly { readonly html: string }[] }[];
}

/** What axe finds on the page as it stands, one line a finding. */
export async function accessibilityProblems(page: Page): Promise<readonly string[]> {
  await page.evaluate(AXE);
  const results: AxeResults = await page.evaluate(() =>
    Reflect.get(window, "axe").run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }),
  );
  return results.violations.flatMap(({ id, help, nodes }) => nodes.map((node) => `${id}: ${help}: ${node.html.slice(0, 160)}`));
}

interface Screen {
  readonly colorScheme: "light" | "dark";
  readonly width: number;
}

const DESK: Screen = { colorScheme: "light", width: 1280 };
const PHONE: Screen = { colorScheme: "dark", width: 390 };

/** What is wrong with the page as it stands, on every one of these screens: what axe finds, and whatever does not fit the width. */
export async function problemsOf(page: Page, screens: readonly Screen[] = [DESK, PHONE]): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const { colorScheme, width } of screens) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 900 });
    problems.push(...(await accessibilityProblems(page)).map((problem) => `${colorScheme} ${width}: ${problem}`));
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (overflow > 0) problems.push(`${colorScheme} ${width}: scrolls sideways by ${overflow} px`);
  }
  await page.emulateMedia({ colorScheme: null });
  await page.setViewportSize({ width: DESK.width, height: 900 });
  return problems;
}

export async function signIn(page: Page, world: PageWorld, token: string): Promise<void> {
  await page.goto(world.url);
  await page.getByLabel("GitHub token").fill(token);
  await page.getByRole("button", { name: "Sign in" }).click();
}

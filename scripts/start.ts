/** `npm start`: the whole product on this machine. Builds the page, starts the sandbox, promotes `main` as a real installation would, and says where to look. */
import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { readAccess } from "./sandbox/access.ts";
import { openFaults } from "./sandbox/faults/arm-faults.ts";
import { type FaultName, NAMED_FAULTS, readFaultName } from "./sandbox/faults/named-faults.ts";
import { servePage } from "./sandbox/page/serve-page.ts";
import { removeState } from "./sandbox/remove-state.ts";
import { type Sandbox, startSandbox } from "./sandbox/sandbox.ts";
import { startCollector } from "./start-collector.ts";
import { takenPorts } from "./taken-ports.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

const USAGE = `Usage: npm start -- [options]

  --state DIR      where the sandbox keeps everything (default .holdfast)
  --fresh          wipe the state folder first
  --port N         port of the page (default 8420); the stand-ins take the six after it
  --record FILE    append every request to a stand-in and its answer to FILE, one JSON object a line, secrets masked
  --review-restores
                   a restore waits until bob approves it; whoever asked for it cannot
  --fault NAME     strike workers and page with a named fault once main is promoted; a name that is none lists those there are
  --no-writers     do not let the demo application write
`;

interface Options {
  readonly state: string;
  readonly fresh: boolean;
  readonly port: number;
  readonly record: string | undefined;
  readonly writers: boolean;
  readonly fault: FaultName | undefined;
  readonly reviewRestores: boolean;
}

function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      state: { type: "string", default: join(ROOT, ".holdfast") },
      fresh: { type: "boolean", default: false },
      port: { type: "string", default: "8420" },
      record: { type: "string" },
      "review-restores": { type: "boolean", default: false },
      fault: { type: "string" },
      "no-writers": { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    process.exit(0);
  }
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_529)
    throw new RangeError(`--port is ${JSON.stringify(values.port)}; allowed: a whole number from 0 (any) to 65529`);
  return {
    state: resolve(values.state),
    fresh: values.fresh,
    port,
    record: values.record,
    writers: !values["no-writers"],
    fault: values.fault === undefined ? undefined : readFaultName(values.fault),
    reviewRestores: values["review-restores"],
  };
}

// Enough to see the data move; a day of it keeps the journal below a few hundred megabytes.
const WRITES_PER_SECOND = 5;

const started = performance.now();
function say(line: string): void {
  console.log(`${((performance.now() - started) / 1000).toFixed(1).padStart(6)} s  ${line}`);
}

/** Runs a program quietly; what it printed is shown only when it fails. */
function run(command: string, args: readonly string[]): Promise<void> {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
    const printed: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => printed.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => printed.push(chunk));
    child.once("error", fail);
    child.once("close", (code) =>
      code === 0 ? done() : fail(new Error(`${command} ${args.join(" ")} ended with ${code}:\n${Buffer.concat(printed)}`)),
    );
  });
}

async function buildProduct(): Promise<void> {
  await run("npm", ["run", "build", "--silent", "-w", "actions"]);
  await run("npm", ["run", "build", "--silent", "-w", "web"]);
  say("Page and command line are built");
}

async function start(options: Options): Promise<() => Promise<void>> {
  const taken = await takenPorts(options.port);
  if (taken.length > 0) {
    throw new Error(
      `port ${taken.join(", ")} is in use, perhaps by another npm start; stop that, or choose others with: npm start -- --port N (0 for any)`,
    );
  }
  if (options.fresh) await removeState(options.state);
  const record = options.record === undefined ? undefined : createWriteStream(options.record, { flags: "a", mode: 0o600 });
  const ports = options.port === 0 ? {} : { ports: portsAfter(options.port) };
  const built = buildProduct();
  const faults = openFaults();
  const sandbox = await startSandbox({
    state: options.state,
    checkout: ROOT,
    ...ports,
    say,
    faults,
    // A rewind without an approval of somebody else is refused, so there is always somebody to ask; so is there for what changes which cluster serves.
    reviewers: { rewind: ["bob"], cutOver: ["bob"], preventSelfReview: true, ...(options.reviewRestores ? { restore: ["bob"] } : {}) },
    onPostgres: (event) => say(`PostgreSQL of ${event.cluster}: ${event.kind}, ${event.detail}`),
    ...(record === undefined ? {} : { record: (entry) => void record.write(`${JSON.stringify(entry)}\n`) }),
  });
  try {
    await built;
    const stop = await serve(options, sandbox, () => record?.end());
    if (options.fault !== undefined) {
      faults.arm(NAMED_FAULTS[options.fault]);
      say(`Fault ${options.fault} is armed: ${NAMED_FAULTS[options.fault].what}`);
    }
    return stop;
  } catch (error) {
    await sandbox.close();
    throw error;
  }
}

function portsAfter(page: number) {
  return { github: page + 1, aws: page + 2, app: page + 3, slack: page + 4, smtp: page + 5, mailInbox: page + 6 };
}

/** Everything that needs the sandbox: the page beside it, the promotion, the clock of its schedules, the demo application's load. */
async function serve(options: Options, sandbox: Sandbox, ended: () => void): Promise<() => Promise<void>> {
  const site = join(options.state, "page");
  const { url: apiUrl } = sandbox.github;
  await run(process.execPath, ["web/deploy.js", "--out", site, "--owner", "acme", "--repository", "holdfast", "--api-url", apiUrl]);
  const page = await servePage(site, options.port);
  say(`Page is served at ${page.url}; promoting main to production meanwhile`);
  await sandbox.promote();
  say("main is promoted to production");
  const writer = options.writers ? sandbox.app.startWriter({ commitsPerSecond: WRITES_PER_SECOND, calm: true }) : null;
  const collector = await startCollector({ state: options.state, root: ROOT, sandbox, say });
  say("The collector follows the demo application and its database");
  const clock = setInterval(() => void sandbox.github.tick(new Date()), 30_000);
  await sandbox.github.tick(new Date());
  await welcome(options.state, page.url, sandbox, collector.alerts);
  return async () => {
    clearInterval(clock);
    await writer?.stop();
    await collector.stop();
    await page.close();
    await sandbox.close();
    ended();
  };
}

async function welcome(state: string, url: string, sandbox: Sandbox, alerts: string): Promise<void> {
  const { tokens } = await readAccess(state, sandbox.github);
  const { host, port, database } = await sandbox.aws.endpoint("app-prod");
  console.log(`
  Holdfast is ready

    Page              ${url}
    Sign in as alice  ${tokens.operator}
    or bob (decides)  ${tokens.approver}
    (read only)       ${tokens.reader}

    GitHub stand-in   ${sandbox.github.url}   acme/holdfast
    AWS stand-in      ${sandbox.aws.url}   RDS and STS
    Live database     ${host}:${port}/${database}   10,000 users, written to all the time
    Demo back office  ${sandbox.control.url}   how the data is
    Slack inbox       ${sandbox.slack.url}/inbox
    Mail inbox        ${sandbox.mail.url}/inbox
    Alerts            ${alerts}
    State             ${state}

  Try: take a snapshot on the page; run   npm run demo:password-reset   in another terminal; restore to the second before.
  More accidents: npm run misbehave
  Stop: Ctrl-C (state is kept; --fresh wipes it)
`);
}

try {
  const stop = await start(readOptions(process.argv.slice(2)));
  let stopping = false;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, async () => {
      if (stopping) return;
      stopping = true;
      say("Stopping; state is kept");
      await stop();
      process.exit(0);
    });
  }
} catch (error) {
  console.error(`\nHoldfast could not start: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}

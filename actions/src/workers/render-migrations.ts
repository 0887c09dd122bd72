/** The job before the others, without credentials: has the team's tool write down its migrations as SQL. It never sees a database. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Cluster, type MigrationSettings, visible } from "../domain/index.ts";
import type { Rendered } from "./rendered.ts";
import { lastLines, runTool, type ToolCall, type ToolEnd } from "./run-tool.ts";

export interface RenderedBy {
  readonly rendered: Rendered;
  /** Whether the tool ran without a network. */
  readonly isolated: boolean;
}

// A render imports a team's application and reads its revisions: seconds. Installing a tool fetches packages.
const RENDER_MS = 5 * 60_000;
const PREPARE_MS = 15 * 60_000;

const CONFIGURE =
  "Name it under migrations.command in holdfast.yml, or have migrations.prepare install it, and ask again with a new request id.";
const AGAIN = "Correct it, promote the correction, and ask again with a new request id.";

/** Null where no tool has to be called. */
export async function renderMigrations(settings: NonNullable<Cluster["migrations"]>): Promise<RenderedBy | null> {
  if (settings.tool === "sql" || settings.tool === "flyway") return null;
  const { prepare, environment = {} } = settings;
  if (prepare !== undefined) {
    const ended = await runTool({ command: prepare, environment, network: "needed", limitMs: PREPARE_MS });
    if (!ended.ok) return { rendered: failed(ended, AGAIN), isolated: false };
  }
  return settings.tool === "alembic" ? renderAlembic(settings) : renderLiquibase(settings);
}

async function renderAlembic({ command = ["alembic"], environment = {}, baseline }: MigrationSettings): Promise<RenderedBy> {
  const call = (...args: readonly string[]): ToolCall => ({
    command: [...command, ...args],
    environment,
    network: "taken away",
    limitMs: RENDER_MS,
  });
  const named = await runTool(call("--version"));
  if (!named.ok) return { rendered: failed(named, CONFIGURE), isolated: false };
  const written = await runTool(call("upgrade", `${baseline ?? "base"}:heads`, "--sql"));
  if (!written.ok) return { rendered: readsDatabase(written) ?? failed(written, AGAIN), isolated: false };
  return { rendered: { version: visible(named.output.trim()), sql: written.output }, isolated: written.isolated };
}

/** Its history of an offline database is a file; it begins without one, so that what it writes depends on the change sets alone. */
async function renderLiquibase({ command = ["liquibase"], environment = {} }: MigrationSettings): Promise<RenderedBy> {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-liquibase-"));
  try {
    const url = `offline:postgresql?outputLiquibaseSql=all&changeLogFile=${join(folder, "databasechangelog.csv")}`;
    const args = [`--url=${url}`, "--show-banner=false", "update-sql"];
    const written = await runTool({ command: [...command, ...args], environment, network: "taken away", limitMs: RENDER_MS });
    if (!written.ok) return { rendered: failed(written, written.said === "" ? CONFIGURE : AGAIN), isolated: false };
    const version = /^-- Liquibase version: ([\w.-]{1,40})$/m.exec(written.output)?.[1] ?? "of a version that it does not tell";
    return { rendered: { version: `liquibase ${version}`, sql: written.output }, isolated: written.isolated };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function failed({ problem, said }: Extract<ToolEnd, { ok: false }>, next: string): Rendered {
  const last = lastLines(said);
  return { problem: last === "" ? `${problem}.` : `${problem}. It said last:\n${last}`, next };
}

// What Alembic gives a revision in place of a connection, and what Python says of an answer that never came.
const NO_ANSWER =
  /MockConnection|'NoneType' object (?:is not (?:iterable|subscriptable)|has no attribute '(?:fetch\w+|first|scalar\w*|one\w*|all|mappings|rowcount|keys|partitions)')/;

function readsDatabase({ said, problem }: Extract<ToolEnd, { ok: false }>): Rendered | null {
  if (!NO_ANSWER.test(said)) return null;
  return {
    problem: `A revision reads the database while it is written down as SQL, where there is none. ${problem}. It said last:\n${lastLines(said)}`,
    next: "Say in SQL what Python works out: UPDATE … FROM, INSERT … SELECT, or a DO block. Promote it, and ask again with a new request id.",
  };
}

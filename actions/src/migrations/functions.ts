import { BUILT_IN, VOLATILE } from "./builtin-functions.ts";

const builtIn = new Set(BUILT_IN.trim().split(/\s+/));
const volatile = new Set(VOLATILE.trim().split(/\s+/));

// Extensions that only compute, and that migrations call often.
const COMPUTING = new Set(["uuid_generate_v1", "uuid_generate_v1mc", "uuid_generate_v4", "gen_salt", "crypt", "unaccent"]);

/** A function of PostgreSQL that changes nothing and reaches nowhere; `name` in its parts. */
export function isBuiltIn(name: readonly string[]): boolean {
  const [schema, plain] = name.length > 1 ? name : ["", name[0]];
  return (schema === "" || schema === "pg_catalog") && plain !== undefined && builtIn.has(plain);
}

export function isComputing(name: readonly string[]): boolean {
  return COMPUTING.has(name.at(-1) ?? "");
}

/** Functions that speak to other servers, to AWS or to the server's files; `name` in its parts. */
export function reachesOutside(name: readonly string[]): boolean {
  const [first = "", plain = first] = name;
  return (
    /^(postgres_fdw|aws_\w+)$/.test(first) ||
    /^(dblink\w*|lo_(import|export)|pg_(read|ls|stat)_(file|binary_file|dir|\w+dir)|aws_\w+)$/.test(plain)
  );
}

/** Gives a new value for each row. Those of the clock that stand still within a transaction are not among them. */
export function isVolatile(name: readonly string[]): boolean {
  return volatile.has(name.at(-1) ?? "");
}

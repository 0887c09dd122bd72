/** A statement from an application's or a database's log as what it tells. */
import { readActs } from "../grammar/sql.ts";
import { NOTHING, type Sighting, sighting, type Teller } from "./format.ts";

export interface StatementSource {
  readonly teller: Teller & ("statement" | "database");
  readonly actor: string | null;
  readonly ip: string | null;
  /** MySQL's literals. */
  readonly backslash?: boolean;
  /** Ties the statements of one session together; null where the log does not say. */
  readonly session: string | null;
}

export function tellStatement(sql: string, source: StatementSource): readonly Sighting[] {
  const acts = readActs(sql, source.backslash ?? false);
  if (acts.length === 0) return NOTHING;
  return acts.map((act) =>
    sighting(act.kind, act.history ? "migration-history" : source.teller, {
      // The server quotes and indents what clients send: nobody forges its lines.
      trusted: source.teller === "database",
      actor: source.actor,
      ip: source.ip,
      target: act.target,
      table: act.table,
      rows: act.rows,
      destructive: act.destructive,
      words: act.byAdmin ? true : null,
      request: source.session,
    }),
  );
}

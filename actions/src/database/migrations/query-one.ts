import type pg from "pg";

/** Runs exactly one statement: the extended protocol refuses a text that holds more, however it was taken apart before. */
export function queryOne<Row extends pg.QueryResultRow>(client: pg.Client, text: string): Promise<pg.QueryResult<Row>> {
  const query: pg.QueryConfig & { readonly queryMode: "extended" } = { text, queryMode: "extended" };
  return client.query<Row>(query);
}

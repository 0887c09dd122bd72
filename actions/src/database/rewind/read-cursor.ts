import type pg from "pg";

// Some hundred kilobytes at a time, however many rows there are.
const FETCHED = 5_000;

/** Rows of a query a batch at a time. The client has to be in a transaction. */
export async function* readCursor<Row extends pg.QueryResultRow>(
  client: pg.Client,
  sql: string,
  parameters: readonly unknown[],
): AsyncGenerator<Row> {
  await client.query(`declare rewind_rows no scroll cursor for ${sql}`, [...parameters]);
  try {
    for (;;) {
      const { rows } = await client.query<Row>(`fetch ${FETCHED} from rewind_rows`);
      yield* rows;
      if (rows.length < FETCHED) return;
    }
  } finally {
    // A failed statement has ended the transaction and the cursor with it.
    await client.query("close rewind_rows").catch(() => {});
  }
}

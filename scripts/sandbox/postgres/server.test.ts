import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { startServer } from "./server.ts";

test("a postgres that cannot be started is an error of the start, not the end of the process", async () => {
  const data = await mkdtemp(path.join(tmpdir(), "holdfast-server-"));
  try {
    const start = startServer({
      engine: { postgres: path.join(data, "no-such-postgres"), initdb: "", owner: undefined },
      data,
      log: { startup: path.join(data, "startup.log"), folder: path.join(data, "log") },
      port: 1,
      login: { user: "postgres", password: "unused", database: "postgres" },
    });
    await expect(start).rejects.toThrow();
  } finally {
    await rm(data, { recursive: true, force: true });
  }
});

/**
 * The ways in which the demo application goes wrong when asked to: each really happens, in the database through the journal where it touches
 * rows, and in the logs as the real thing would. What ought to be noticed is only said here; nothing in this file notices anything.
 */
import { setTimeout as pause } from "node:timers/promises";
import type pg from "pg";
import type { AppEvent, Person } from "./app-log.ts";
import { connect, type Row, type TableName } from "./database.ts";
import { type DemoApp, resetAllPasswords } from "./demo-app.ts";
import type { Change } from "./journal.ts";
import { migrate } from "./migrate.ts";
import { homeOf, passwordHash, personOf } from "./writer.ts";

export interface Misbehaviour {
  readonly what: string;
  /** What a watcher of the logs should make of it. */
  readonly see: string;
  /** About how long it goes on, where that is more than a moment. */
  readonly seconds?: number;
  /** Does it and says what was done. */
  readonly act: (app: DemoApp, going: Going) => Promise<string>;
}

/** How it goes on over time: ends early when asked to, and says how far it is. */
export interface Going {
  readonly signal: AbortSignal;
  readonly wait: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly say: (progress: string) => void;
}

const ada: Person = { name: "ada", roles: ["admin"] };
const office = "192.0.2.10";
const stranger = "198.51.100.23";
/** Never ten within a minute, and more than sixty within an hour. */
const slowEvery = 7_000;
const slowCount = 62;

export const misbehaviours = {
  "mass-password-reset": {
    what: "somebody resets the passwords of 12 customers one after another",
    see: "one alert of mass-password-reset, HIGH: the tenth within 60 s opens it",
    act: (app) => resetOneByOne(app, 12, (user) => ({ by: user, ip: stranger, request: { line: "POST /account/password", status: 302 } })),
  },
  "mass-password-reset-admin": {
    what: "an administrator's script resets the passwords of 12 customers, and nobody declared it",
    see: "one alert of mass-password-reset-admin, MEDIUM",
    act: (app) => resetOneByOne(app, 12, byAdmin),
  },
  "mass-password-reset-override": {
    what: "the same, while an override declares it, which is lifted afterwards",
    see: "no alert of mass-password-reset; the override ends with its bill, what it hid",
    async act(app) {
      declareOverride(app, true);
      const done = await resetOneByOne(app, 12, byAdmin);
      declareOverride(app, false);
      return `Declared an override. ${done} Lifted the override.`;
    },
  },
  "slow-password-reset": {
    what: `a patient script: one customer's password every ${slowEvery / 1000} s, ${slowCount} in all`,
    see: "nothing from the 60 s window, and one alert of mass-password-reset-slow, MEDIUM: the sixtieth within an hour opens it",
    seconds: (slowEvery * slowCount) / 1000,
    act: (app, { wait, signal, say }) =>
      resetOneByOne(app, slowCount, byThemselves, async (done) => {
        if (done % 10 === 0) say(`${done} of ${slowCount} reset`);
        await wait(slowEvery, signal);
        return !signal.aborted;
      }),
  },
  "reset-all-passwords": {
    what: "an UPDATE without its WHERE gives every customer the same password, in one transaction",
    see: "alerts of mass-password-reset, HIGH, and of its slow form at once; destructive-statement as soon as the database's log is read",
    act: (app) => during(app.database, async (client) => resetEverything(app, client)),
  },
  "bulk-user-creation": {
    what: "a robot registers 25 customers",
    see: "one alert of bulk-user-creation, MEDIUM: the twentieth within 60 s opens it",
    act: (app) =>
      during(app.database, async (client) => {
        const made = await oneByOne(
          25,
          () => commit(app, client, "users", "insert", newUser),
          (row) =>
            app.log.event({ action: "user-created", by: personOf(row), ip: stranger, request: { line: "POST /register", status: 302 } }),
        );
        return `Registered ${made} customers from ${stranger}.`;
      }),
  },
  "bulk-deletion": {
    what: "25 orders are deleted one after another",
    see: "one alert of bulk-deletion, HIGH: the twentieth within 60 s opens it",
    act: (app) =>
      during(app.database, async (client) => {
        const eve = { by: { name: "eve" }, ip: stranger };
        const gone = await oneByOne(
          25,
          () => commit(app, client, "orders", "delete", lastOrder),
          ({ id }) =>
            app.log.event({
              action: "row-deleted",
              ...eve,
              rows: 1,
              table: "orders",
              request: { line: `DELETE /orders/${id}`, status: 204 },
            }),
        );
        return `Deleted ${gone} orders.`;
      }),
  },
  "destructive-statement": {
    what: "DELETE FROM orders, without a WHERE, from somebody's console: only the database's log tells",
    see: "one alert of destructive-statement, HIGH, as soon as the database's log is read",
    act: (app) =>
      during(app.database, async (client) => {
        const gone = await commit(app, client, "orders", "delete", "delete from orders t returning to_jsonb(t) as row");
        return `Deleted all ${gone.length} orders in one statement.`;
      }),
  },
  truncate: {
    what: "TRUNCATE orders by the owner of the tables",
    see: "one alert of destructive-statement, HIGH, as soon as the database's log is read",
    act: (app) => during(app.owner, (client) => truncateOrders(app, client)),
  },
  migration: {
    what: "Alembic runs a migration at a time that nobody agreed on",
    see: "one alert of migration-outside-window, MEDIUM, unless one of the maintenance windows of holdfast.yml is open now",
    act: (app) => during(app.owner, (client) => migrate(client, app.log)),
  },
  "auth-failures": {
    what: "one address tries 6 passwords on as many accounts",
    see: "one alert of repeated-auth-failure, MEDIUM: the fifth within 300 s opens it",
    act: async (app) => failLogins(app, (turn) => ({ by: { name: `user${turn}@example.com` }, ip: stranger })),
  },
  "password-spraying": {
    what: "12 addresses try one account, each once",
    see: "nothing per address, and one alert of repeated-auth-failure-account",
    act: async (app) => failLogins(app, (turn) => ({ by: { name: "user1@example.com" }, ip: `198.51.100.${100 + turn}` }), 12),
  },
  "override-on": {
    what: "an administrator declares an override of 15 minutes",
    see: "the system state is override; what it hides is counted",
    act: async (app) => declareOverride(app, true),
  },
  "override-off": {
    what: "the override is lifted before its time",
    see: "the override ends with its bill",
    act: async (app) => declareOverride(app, false),
  },
} as const satisfies Readonly<Record<string, Misbehaviour>>;
export type MisbehaviourName = keyof typeof misbehaviours;

export function isMisbehaviour(name: string): name is MisbehaviourName {
  return Object.hasOwn(misbehaviours, name);
}

/** One line for each, for whoever asks what there is. */
export function listMisbehaviours(): string {
  const widest = Math.max(...Object.keys(misbehaviours).map((name) => name.length));
  return Object.entries(misbehaviours)
    .map(([name, { what }]) => `  ${name.padEnd(widest)}  ${what}\n`)
    .join("");
}

export const usualWait: Going["wait"] = (milliseconds, signal) => pause(milliseconds, undefined, { signal }).catch(() => {});

type Deed = Pick<AppEvent, "by" | "ip" | "request">;

const byThemselves = (user: Person): Deed => ({
  by: user,
  ip: homeOf(user.id),
  request: { line: "POST /account/password", status: 302 },
});
const byAdmin = (user: Person): Deed => ({ by: ada, ip: office, request: { line: `POST /admin/users/${user.id}/password`, status: 302 } });

const newUser = `insert into users as t (email, display_name, password_hash) select 'robot-' || u || '@example.net', 'Robot ' || left(u, 8), ${passwordHash("u")} from (select gen_random_uuid()::text as u) x returning to_jsonb(t) as row`;
const lastOrder = "delete from orders t where id = (select max(id) from orders) returning to_jsonb(t) as row";

/** `goOn` is asked between two of them, told how many are done, and may take its time. */
async function resetOneByOne(
  app: DemoApp,
  count: number,
  how: (user: Person) => Deed,
  goOn: (done: number) => Promise<boolean> = async () => true,
): Promise<string> {
  return during(app.database, async (client) => {
    const { rows: victims } = await client.query<{ id: string }>("select id from users order by random() limit $1", [count]);
    let done = 0;
    for (const { id } of victims) {
      if (done > 0 && !(await goOn(done))) break;
      const sql = `update users t set password_hash = ${passwordHash("random()::text")} where id = ${Number(id)} returning to_jsonb(t) as row`;
      for (const row of await commit(app, client, "users", "update", sql)) {
        const on = personOf(row);
        app.log.event({ action: "password-changed", on, ...how(on) });
        done++;
      }
    }
    return `Reset the passwords of ${done} customers, each in a transaction of its own.`;
  });
}

async function resetEverything(app: DemoApp, client: pg.Client): Promise<string> {
  const { rows, at } = await resetAllPasswords(client, app.journal, app.log);
  return `Reset the passwords of ${rows.length} customers in one transaction, committed at ${at}.`;
}

async function truncateOrders(app: DemoApp, client: pg.Client): Promise<string> {
  const { rows } = await app.journal.commit(client, async (connection) => {
    // The journal wants every row as it was, and nothing may come between reading and emptying.
    await connection.query("lock table orders in access exclusive mode");
    const { rows: all } = await connection.query<{ row: Row }>("select to_jsonb(t) as row from orders t");
    await connection.query("truncate orders");
    return { table: "orders", op: "delete", rows: all.map(({ row }) => row) };
  });
  return `Truncated orders: ${rows.length} rows are gone.`;
}

function failLogins(app: DemoApp, who: (turn: number) => Pick<AppEvent, "by" | "ip">, count = 6): string {
  for (let turn = 1; turn <= count; turn++)
    app.log.event({ action: "auth-failed", ...who(turn), request: { line: "POST /login", status: 401 } });
  return `${count} logins failed.`;
}

function declareOverride(app: DemoApp, on: boolean): string {
  const expires = new Date(Date.now() + 15 * 60_000);
  const override = { on, reason: "CHG-1042: passwords of the old scheme are replaced", ...(on ? { expires } : {}) };
  app.log.event({ action: on ? "override-on" : "override-off", by: ada, ip: office, override });
  return on ? `Declared an override until ${expires.toISOString()}.` : "Lifted the override.";
}

async function commit(app: DemoApp, client: pg.Client, table: TableName, op: Change["op"], sql: string): Promise<readonly Row[]> {
  const { rows } = await app.journal.commit(client, async (connection) => {
    const { rows: changed } = await connection.query<{ row: Row }>(sql);
    return { table, op, rows: changed.map(({ row }) => row) };
  });
  return rows;
}

/** Each is told as soon as it is committed, as requests are. */
async function oneByOne(count: number, act: () => Promise<readonly Row[]>, tell: (row: Row) => void): Promise<number> {
  let rows = 0;
  for (let turn = 0; turn < count; turn++) {
    for (const row of await act()) {
      tell(row);
      rows++;
    }
  }
  return rows;
}

async function during<T>(database: DemoApp["database"], work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = await connect(database);
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** The lines of a Flask and a Spring application in one log, as the replay benchmark needs them: what tells of something, and what only sounds so. */
import { formatInstant } from "./log-times.ts";

/** Numbers that look random and are the same for the same seed. */
export type Draw = (below: number) => number;

export function drawFrom(seed: number): Draw {
  let state = seed >>> 0;
  return (below) => {
    // mulberry32
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

const AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";

export function addressOf(number: number): string {
  return `198.${18 + ((number >>> 16) & 1)}.${(number >>> 8) & 255}.${number & 255}`;
}

const flask = (at: number, level: string, logger: string, message: string): string =>
  `[${formatInstant(at, "flask")}] ${level} in ${logger}: ${message}`;
const spring = (at: number, level: string, logger: string, message: string): string =>
  `${formatInstant(at, "spring")} ${level.padStart(5)} 1 --- [shop] [nio-8080-exec-${at % 10}] ${logger.padEnd(40)} : ${message}`;
const served = (at: number, address: string, request: string, status: number): string =>
  `${address} - - [${formatInstant(at, "http")}] "${request} HTTP/1.1" ${status} ${200 + (at % 5000)} "https://shop.example.org/" "${AGENT}"`;

/** What tells of an event. `who` acts on `whom`, from `address`. */
export const TELLING = {
  failedInFlask: (at: number, who: string, address: string) =>
    flask(at, "WARNING", "portal.views", `Failed login attempt for user '${who}' from ${address}`),
  failedInSpring: (at: number, who: string, address: string) =>
    spring(
      at,
      "WARN",
      "o.s.s.a.event.LoggerListener",
      `Authentication event AuthenticationFailureBadCredentialsEvent: ${who}; details: WebAuthenticationDetails [RemoteIpAddress=${address}, SessionId=null]; exception: Bad credentials`,
    ),
  refused: (at: number, address: string) => served(at, address, "POST /login", 401),
  passwordChanged: (at: number, who: string, whom: string) =>
    flask(at, "INFO", "portal.users", `Password changed for user '${whom}' by ${who}`),
  passwordInSpring: (at: number, who: string, whom: string) =>
    spring(at, "INFO", "c.example.shop.users.PasswordService", `Password reset for user '${whom}' by ${who}`),
  userCreated: (at: number, who: string, whom: string) => flask(at, "INFO", "portal.users", `User '${whom}' created by ${who}`),
  orderDeleted: (at: number, who: string, order: number) =>
    spring(at, "INFO", "c.example.shop.orders.OrderService", `Deleted order ${order} by ${who}`),
} as const;

/** What `TELLING` tells, as somebody would look for it with grep: one pattern a kind of line. */
export const PATTERNS: readonly string[] = [
  "in [\\w.]+: Failed login attempt for user '[^']+' from [0-9.]+$",
  "Authentication event AuthenticationFailure\\w+: [^;]+; details: .*RemoteIpAddress=[0-9.]+",
  '"POST /login HTTP/1\\.[01]" 401 ',
  "in [\\w.]+: Password changed for user '[^']+' by ",
  " : Password reset for user '[^']+' by ",
  "in [\\w.]+: User '[^']+' created by ",
  " : Deleted order [0-9]+ by ",
];

/** Holds a word that matters and tells nothing. */
export function decoy(at: number, draw: Draw): string {
  const number = draw(1_000_000);
  switch (draw(8)) {
    case 0:
      return served(at, addressOf(number), `GET /help/reset-password?from=login&page=${number}`, 200);
    case 1:
      return served(at, addressOf(number), `GET /static/login/sign-in.${number}.css`, 304);
    case 2:
      return served(at, addressOf(number), `POST /cart/${number}/items`, 200);
    case 3:
      return flask(at, "INFO", "portal.views", `Rendering page /login for session ${number}; password field hidden until a name is typed`);
    case 4:
      return flask(at, "INFO", "portal.mail", `Queued mail ${number} "Your password expires soon" to 1 recipient through the relay`);
    case 5:
      return spring(
        at,
        "INFO",
        "c.example.shop.cache.CacheJanitor",
        `Removed ${number} expired cache entries in 14 ms, nothing deleted on disk`,
      );
    case 6:
      return spring(at, "DEBUG", "o.s.security.web.FilterChainProxy", `Securing GET /orders/${number} with authentication filter chain`);
    default:
      return spring(at, "INFO", "c.example.shop.users.SessionService", `Created new session ${number} with a lifetime of 30 minutes`);
  }
}

/** Everything else a shop logs. */
export function noise(at: number, draw: Draw): string {
  const number = draw(1_000_000);
  switch (draw(5)) {
    case 0:
    case 1:
      return served(at, addressOf(number), `GET /orders/${number}?view=short`, 200);
    case 2:
      return served(at, addressOf(number), `GET /static/app.${number}.js`, 304);
    case 3:
      return flask(
        at,
        "INFO",
        "portal.orders",
        `Priced basket ${number} with 3 positions for warehouse north in 12.4 ms, 2 queries, rules v31`,
      );
    default:
      return spring(
        at,
        "INFO",
        "c.example.shop.stock.StockService",
        `Reserved 2 of 40 pieces of article ${number} in warehouse north, 3 ms`,
      );
  }
}

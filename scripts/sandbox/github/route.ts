import type { IncomingHttpHeaders } from "node:http";
import { type Answer, ApiError } from "./answer.ts";
import type { Person } from "./people.ts";
import type { Level, Token } from "./tokens.ts";

export interface Caller {
  readonly person: Person;
  readonly token: Token;
}

export interface OpenCall {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** The parsed JSON body; undefined where none was sent. */
  readonly body: unknown;
  readonly apiVersion: string;
  param(name: string): string;
}

export interface Call extends OpenCall {
  readonly caller: Caller;
}

/** What a fine-grained token needs for a route, as GitHub's permission tables say. */
export interface Need {
  readonly permission: string;
  readonly level: Level;
}

interface RouteShape {
  readonly method: "GET" | "POST" | "PATCH";
  /** `:name` is one segment, `*name` the rest of the path with its slashes. */
  readonly path: string;
}

export interface OpenRoute extends RouteShape {
  readonly access: "open";
  handle(call: OpenCall): Answer | Promise<Answer>;
}

export interface GuardedRoute extends RouteShape {
  readonly access: "user" | Need;
  /** Writing here asks only for reading rights of the person; the token's permission is asked for all the same. */
  readonly readersMayWrite?: boolean;
  handle(call: Call): Answer | Promise<Answer>;
}

export type Route = OpenRoute | GuardedRoute;

export interface Match {
  readonly route: Route;
  param(name: string): string;
}

export type Router = (method: string, path: string) => Match | undefined;

function compile(path: string): RegExp {
  const source = path
    .replace(/[.]/g, "\\.")
    .replace(/:(\w+)/g, "(?<$1>[^/]+)")
    .replace(/\*(\w+)/g, "(?<$1>.+)");
  return new RegExp(`^${source}$`);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ApiError(400, `Bad percent-encoding in the path: ${text}`);
  }
}

export function routerOf(routes: readonly Route[]): Router {
  const compiled = routes.map((route) => ({ route, pattern: compile(route.path) }));
  return (method, path) => {
    for (const { route, pattern } of compiled) {
      const found = route.method === method ? pattern.exec(path) : null;
      if (found === null) continue;
      const groups = found.groups ?? {};
      return {
        route,
        param(name) {
          const value = groups[name];
          if (value === undefined) throw new Error(`Route ${route.path} has no parameter ${name}`);
          return decode(value);
        },
      };
    }
    return undefined;
  };
}

/** A whole positive number in the path or query; anything else is not found, as on GitHub. */
export function numberIn(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new ApiError(404, "Not Found");
  return Number(text);
}

import { ApiError, notFound } from "./answer.ts";
import type { People } from "./people.ts";
import type { Repository } from "./repository.ts";
import type { Caller, Match, Need } from "./route.ts";
import type { Gate } from "./serve.ts";
import type { Tokens } from "./tokens.ts";

/** Who is asking, and may they: the token's permissions and the person's role must both allow it. */

export interface Limits {
  /** Requests an hour for all tokens of one person. */
  readonly personal: number;
  /** Requests an hour for all job tokens of the repository. */
  readonly job: number;
}

/** GitHub's documented numbers. */
export const documentedLimits: Limits = { personal: 5000, job: 1000 };

export function refusedFor(caller: Caller): string {
  return caller.token.kind === "job" ? "Resource not accessible by integration" : "Resource not accessible by personal access token";
}

export function allows(caller: Caller, need: Need): boolean {
  const granted = caller.token.permissions[need.permission];
  return granted === "write" || granted === need.level;
}

export function mayWrite(caller: Caller): boolean {
  return caller.person.role === "write" || caller.person.role === "admin";
}

export function openGate(tokens: Tokens, people: People, repository: Repository, limits: Limits): Gate {
  return {
    identify(authorization) {
      if (authorization === undefined) throw new ApiError(401, "Requires authentication");
      const [, secret = ""] = /^(?:bearer|token) +(\S+)$/i.exec(authorization) ?? [];
      const token = tokens.find(secret);
      const person = token === undefined ? undefined : people.find(token.login);
      if (token === undefined || person === undefined) throw new ApiError(401, "Bad credentials");
      return { token, person };
    },
    admit(match: Match, caller: Caller) {
      const { route } = match;
      const { access, path } = route;
      if (path.startsWith("/repos/")) {
        const named = `${match.param("owner")}/${match.param("repo")}`.toLowerCase();
        if (named !== `${repository.owner}/${repository.name}`.toLowerCase()) throw notFound();
        // A private repository does not admit that it exists.
        if (caller.person.role === "none") throw notFound();
      }
      if (access === "open" || access === "user") {
        if (path === "/user" && caller.token.kind === "job") throw new ApiError(403, refusedFor(caller));
        return;
      }
      if (!allows(caller, access)) throw new ApiError(403, refusedFor(caller));
      const readersMayWrite = "readersMayWrite" in route && route.readersMayWrite === true;
      if (access.level === "write" && !readersMayWrite && !mayWrite(caller)) {
        throw new ApiError(403, access.permission === "actions" ? "Must have admin rights to Repository." : refusedFor(caller));
      }
    },
    allowance: (caller) =>
      caller.token.kind === "job"
        ? { who: `job tokens of ${repository.owner}/${repository.name}`, limit: limits.job }
        : { who: caller.person.login, limit: limits.personal },
  };
}

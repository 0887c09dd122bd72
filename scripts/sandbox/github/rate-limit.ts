/** Primary limits, an hour at a time: all tokens of a person share one allowance, all job tokens of a repository another. */

export type Resource = "core" | "graphql";

export interface Allowance {
  readonly resource: Resource;
  readonly limit: number;
  readonly used: number;
  /** Unix seconds. */
  readonly reset: number;
}

export interface RateLimit {
  look(who: string, resource: Resource, limit: number): Allowance;
  spend(who: string, resource: Resource, limit: number): Allowance;
}

const hour = 60 * 60;

export function openRateLimit(now: () => Date): RateLimit {
  const used = new Map<string, { count: number; reset: number }>();
  const current = (key: string) => {
    const seconds = Math.floor(now().getTime() / 1000);
    const found = used.get(key);
    if (found !== undefined && found.reset > seconds) return found;
    const fresh = { count: 0, reset: seconds + hour };
    used.set(key, fresh);
    return fresh;
  };
  const look = (who: string, resource: Resource, limit: number): Allowance => {
    const window = current(`${resource} ${who}`);
    return { resource, limit, used: window.count, reset: window.reset };
  };
  return {
    look,
    spend(who, resource, limit) {
      current(`${resource} ${who}`).count += 1;
      return look(who, resource, limit);
    },
  };
}

export function rateLimitJson(allowance: Allowance): Record<string, unknown> {
  const { limit, used, reset } = allowance;
  return { limit, used, remaining: Math.max(0, limit - used), reset };
}

export function rateLimitHeaders(allowance: Allowance): Record<string, string> {
  return {
    "X-RateLimit-Limit": String(allowance.limit),
    "X-RateLimit-Remaining": String(Math.max(0, allowance.limit - allowance.used)),
    "X-RateLimit-Used": String(allowance.used),
    "X-RateLimit-Reset": String(allowance.reset),
    "X-RateLimit-Resource": allowance.resource,
  };
}

/** Who is told of an alert: every route that matches, and a destination that several of them name is told once. Pure. */
import type { Alert, Config, Matcher } from "../domain/index.ts";

export type Route = Config["notify"][number];

export type Destination =
  | {
      /** Stable over restarts: what waits for it is kept under this name. Holds no secret. */
      readonly id: string;
      readonly kind: "slack";
      /** Name of the secret that holds the webhook's address. */
      readonly secret: string;
      /** Who is told by mail while Slack does not answer; nobody where they get every notice by mail anyway. */
      readonly fallback: Mail | null;
    }
  | { readonly id: string; readonly kind: "email"; readonly mail: Mail };

export interface Mail {
  readonly to: readonly string[];
  readonly from: string;
  /** Name of the secret that holds the SMTP server's address. */
  readonly secret: string;
}

/** Every destination that the routes name. */
export function destinationsOf(routes: readonly Route[]): readonly Destination[] {
  const found = new Map<string, Destination>();
  for (const destination of routes.flatMap(namedBy)) {
    const known = found.get(destination.id);
    found.set(destination.id, known === undefined ? destination : joined(known, destination));
  }
  return [...found.values()];
}

/** The destinations, by id, that are told of this alert; none where no route matches it. */
export function destinationsFor(alert: Alert, routes: readonly Route[]): readonly string[] {
  return [...new Set(routes.filter(({ match }) => matches(match, alert)).flatMap((route) => namedBy(route).map(({ id }) => id)))];
}

/** The destinations, by id, that would have been told of something that the matcher hides. */
export function destinationsHiddenBy(matcher: Matcher, routes: readonly Route[]): readonly string[] {
  const mayMatch = (match: Route["match"]) =>
    (["severity", "rule", "app"] as const).every(
      (field) => match[field] === undefined || matcher[field] === undefined || match[field] === matcher[field],
    );
  return [...new Set(routes.filter(({ match }) => mayMatch(match)).flatMap((route) => namedBy(route).map(({ id }) => id)))];
}

function matches(match: Route["match"], alert: Alert): boolean {
  return (["severity", "rule", "app", "cluster"] as const).every((field) => match[field] === undefined || match[field] === alert[field]);
}

function namedBy({ slack, email }: Route): readonly Destination[] {
  const mail = email === undefined ? null : { to: email.to, from: email.from ?? email.to[0] ?? "", secret: email.secret };
  const always = mail !== null && (email?.when === "always" || slack === undefined);
  return [
    ...(slack === undefined
      ? []
      : [{ id: `slack:${slack.secret}`, kind: "slack", secret: slack.secret, fallback: always ? null : mail } as const]),
    ...(mail !== null && always ? [{ id: `email:${[...mail.to].sort().join(",")}`, kind: "email", mail } as const] : []),
  ];
}

/** Routes to the same webhook with different addresses to fall back on: everyone named is told. */
function joined(known: Destination, other: Destination): Destination {
  if (known.kind !== "slack" || other.kind !== "slack" || other.fallback === null) return known;
  if (known.fallback === null) return other;
  return { ...known, fallback: { ...known.fallback, to: [...new Set([...known.fallback.to, ...other.fallback.to])] } };
}

import type { Signature } from "./git-objects.ts";
import { toSeconds } from "./git-objects.ts";

export type Role = "admin" | "write" | "read" | "none";

export interface Person {
  readonly login: string;
  readonly id: number;
  readonly type: "User" | "Bot";
  /** What the person may do in the one repository; `none` sees a 404. */
  readonly role: Role;
}

// 41898282 is the id GitHub gives the actor behind every GITHUB_TOKEN.
export const actionsBot: Person = { login: "github-actions[bot]", id: 41898282, type: "Bot", role: "write" };

export const defaultPeople: readonly Person[] = [
  { login: "alice", id: 1001, type: "User", role: "write" },
  { login: "bob", id: 1002, type: "User", role: "write" },
  { login: "carol", id: 1003, type: "User", role: "read" },
  { login: "holdfast-collector", id: 1004, type: "User", role: "write" },
];

export function signature(person: Person, now: Date): Signature {
  return { name: person.login, email: `${person.id}+${person.login}@users.noreply.github.com`, date: toSeconds(now) };
}

export interface People {
  find(login: string): Person | undefined;
  byEmail(email: string): Person | undefined;
  readonly all: readonly Person[];
}

export function peopleOf(listed: readonly Person[]): People {
  const all = [...listed, actionsBot];
  return {
    all,
    find: (login) => all.find((person) => person.login.toLowerCase() === login.toLowerCase()),
    byEmail: (email) => all.find((person) => email.startsWith(`${person.id}+`) && email.endsWith("@users.noreply.github.com")),
  };
}

export interface Urls {
  readonly api: string;
  readonly server: string;
  readonly graphql: string;
}

export function userJson(person: Person, urls: Urls): Record<string, unknown> {
  const self = `${urls.api}/users/${encodeURIComponent(person.login)}`;
  return {
    login: person.login,
    id: person.id,
    node_id: Buffer.from(`User:${person.id}`).toString("base64"),
    avatar_url: `${urls.server}/avatars/u/${person.id}`,
    gravatar_id: "",
    url: self,
    // A bot has no profile; its page is its app's, and brackets are no part of an address.
    html_url: person.type === "Bot" ? `${urls.server}/apps/${person.login.replace("[bot]", "")}` : `${urls.server}/${person.login}`,
    followers_url: `${self}/followers`,
    following_url: `${self}/following{/other_user}`,
    gists_url: `${self}/gists{/gist_id}`,
    starred_url: `${self}/starred{/owner}{/repo}`,
    subscriptions_url: `${self}/subscriptions`,
    organizations_url: `${self}/orgs`,
    repos_url: `${self}/repos`,
    events_url: `${self}/events{/privacy}`,
    received_events_url: `${self}/received_events`,
    type: person.type,
    site_admin: false,
  };
}

/** What GitHub adds for who asks about themselves or a public profile; nobody here has one. */
export function profileJson(person: Person, urls: Urls, since: string): Record<string, unknown> {
  return {
    ...userJson(person, urls),
    name: person.login,
    company: null,
    blog: "",
    location: null,
    email: null,
    hireable: null,
    bio: null,
    public_repos: 0,
    public_gists: 0,
    followers: 0,
    following: 0,
    created_at: since,
    updated_at: since,
  };
}

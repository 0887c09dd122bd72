/** GitHub's pages beside its API, where their places are known: github.com, and an enterprise's own server. Null where they are not. */
export function siteOf(apiUrl: string): string | null {
  if (apiUrl === "https://api.github.com") return "https://github.com";
  const [, server] = /^(https:\/\/[^/]+)\/api\/v3\/?$/.exec(apiUrl) ?? [];
  return server ?? null;
}

/**
 * Prepares the built page for one installation: copies `web/dist`, writes `config.json` beside `index.html` and lets the page's policy
 * reach the one API it talks to. Knows nothing of tokens: what it writes is public.
 *
 *   node web/deploy.js --out DIR --owner OWNER --repository NAME --api-url URL [--branch production]
 */
import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const USAGE = "usage: node web/deploy.js --out DIR --owner OWNER --repository NAME --api-url URL [--branch production]";
const BUILT = fileURLToPath(new URL("./dist", import.meta.url));
const DEFAULT_API = "https://api.github.com";

class WrongUsage extends Error {}

function refuse(input, value, allowed) {
  return new WrongUsage(`${input}: found ${value === undefined ? "nothing" : JSON.stringify(value)}; allowed: ${allowed}`);
}

/** GitHub's own rules for logins and repository names. */
const NAMES = {
  owner: [/^[A-Za-z0-9](-?[A-Za-z0-9]){0,38}$/, "a GitHub login, for example acme"],
  repository: [/^(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}$/, "a repository's name without its owner, for example holdfast"],
  branch: [/^(?!.*(\.\.|\/\/))[A-Za-z0-9][A-Za-z0-9._/-]{0,199}$/, "a branch's name, for example production"],
};

function readName(values, name) {
  const [pattern, allowed] = NAMES[name];
  const value = values[name];
  if (typeof value !== "string" || !pattern.test(value)) throw refuse(`--${name}`, value, allowed);
  return value;
}

function readApiUrl(value) {
  const allowed = "an https URL (http only on this machine), without user, query or fragment, for example https://api.github.com";
  const url = typeof value === "string" && URL.canParse(value) ? new URL(value) : null;
  const local = url !== null && ["127.0.0.1", "localhost", "[::1]"].includes(url.hostname);
  if (url === null || !(url.protocol === "https:" || (url.protocol === "http:" && local))) throw refuse("--api-url", value, allowed);
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") throw refuse("--api-url", value, allowed);
  return url;
}

function readOptions(args) {
  let values;
  try {
    const text = { type: "string" };
    values = parseArgs({
      args,
      options: { out: text, owner: text, repository: text, "api-url": text, branch: { ...text, default: "production" } },
    }).values;
  } catch (error) {
    throw new WrongUsage(error.message);
  }
  if (values.out === undefined || values.out === "") throw refuse("--out", values.out, "the directory to write the page to");
  return {
    out: resolve(values.out),
    owner: readName(values, "owner"),
    repository: readName(values, "repository"),
    branch: readName(values, "branch"),
    api: readApiUrl(values["api-url"]),
  };
}

/** The policy with the API's origin in place of GitHub's; throws when the page does not hold exactly one to replace. */
function allowOrigin(html, origin) {
  const pattern = /(<meta http-equiv="Content-Security-Policy" content="[^"]*connect-src 'self') https:\/\/api\.github\.com(;)/g;
  const found = [...html.matchAll(pattern)].length;
  if (found !== 1)
    throw new WrongUsage(`${join(BUILT, "index.html")}: found ${found} policies that name ${DEFAULT_API}; allowed: exactly one`);
  return html.replace(pattern, `$1 ${origin}$2`);
}

function deploy(options) {
  if (!existsSync(join(BUILT, "index.html"))) throw new WrongUsage(`${BUILT}: there is no built page; run npm run build -w web first`);
  if (options.out === BUILT) throw refuse("--out", options.out, "another directory than the build's own");
  const html = allowOrigin(readFileSync(join(BUILT, "index.html"), "utf8"), options.api.origin);
  const { owner, repository, branch } = options;
  const apiUrl = options.api.href.replace(/\/$/, "");
  cpSync(BUILT, options.out, { recursive: true });
  writeFileSync(join(options.out, "index.html"), html);
  writeFileSync(join(options.out, "config.json"), `${JSON.stringify({ owner, repository, apiUrl, branch }, null, 2)}\n`);
}

try {
  const options = readOptions(process.argv.slice(2));
  deploy(options);
  process.stderr.write(`The page for ${options.owner}/${options.repository} at ${options.api.origin} is in ${options.out}\n`);
} catch (error) {
  if (!(error instanceof WrongUsage)) throw error;
  process.stderr.write(`${error.message}\n${USAGE}\n`);
  process.exitCode = 2;
}

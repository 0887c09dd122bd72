import { randomUUID } from "node:crypto";
import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { compareSync, hashSync } from "bcryptjs";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { contractCheck } from "./contract-check.ts";

/** A shop with a form to log in by, as Spring Security (a redirect either way, a token in the form) or Flask-Login (the form again) serves it. */
interface Shop {
  readonly habit: "spring" | "flask";
  readonly prefix: string;
  readonly hashesAgain?: true;
  readonly storesPlain?: true;
  readonly letsAllIn?: true;
  readonly logs?: true;
}

// The weakest that there is: the server's own hashing is not what is shown here.
const own = (shop: Shop, password: string) => `${shop.prefix}${hashSync(password, 4)}`;

let folder: string;
let server: Server | undefined;
let said: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "holdfast-contract-"));
  said = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    said += String(text);
    return true;
  });
});

afterEach(async () => {
  vi.restoreAllMocks();
  const running = server;
  if (running !== undefined) await new Promise((done) => running.close(done));
  server = undefined;
  await rm(folder, { recursive: true, force: true });
});

const bodyOf = async (request: IncomingMessage) => {
  let text = "";
  for await (const part of request.setEncoding("utf8")) text += part;
  return text;
};

async function serve(shop: Shop, log: string): Promise<string> {
  let stored = own(shop, "at first");
  const sessions = new Map<string, string>();
  const isHash = (text: string) => text.startsWith(`${shop.prefix}$2`) && text.length === shop.prefix.length + 60;
  const fits = (password: string) =>
    isHash(stored) ? compareSync(password, stored.slice(shop.prefix.length)) : password === stored || shop.letsAllIn === true;
  const showForm = (response: ServerResponse) => {
    const session = randomUUID();
    const token = `t&"${randomUUID()}`;
    sessions.set(session, token);
    const value = token.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
    response.writeHead(200, { "set-cookie": `session=${session}; HttpOnly; Path=/`, "content-type": "text/html" });
    response.end(`<form method=post><input name="username"><INPUT type='password' name=password>
      <input value="${value}" type="hidden" name="_csrf"></form>`);
  };
  const restore = (given: Readonly<Record<string, string>>) => {
    const { password, hashed_password: hashed } = given;
    if ((password === undefined) === (hashed === undefined) || password === "" || (hashed !== undefined && !isHash(hashed))) return 400;
    if (hashed !== undefined) stored = shop.hashesAgain ? own(shop, hashed) : hashed;
    else if (password !== undefined) stored = shop.storesPlain ? password : own(shop, password);
    return 204;
  };
  const login = (form: URLSearchParams, session: string, response: ServerResponse) => {
    const token = sessions.get(session);
    sessions.delete(session);
    if (token === undefined || form.get("_csrf") !== token) return response.writeHead(403).end();
    const welcome = shop.letsAllIn || (form.get("username") === "checked" && fits(form.get("password") ?? ""));
    if (welcome) return response.writeHead(302, { location: "/" }).end();
    if (shop.habit === "flask") return showForm(response);
    return response.writeHead(302, { location: "http://inside.example/login?error" }).end();
  };
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await bodyOf(request);
    await appendFile(log, `${request.method} ${request.url}${shop.logs ? ` ${body}` : ""}\n`);
    if (request.method === "PUT") return response.writeHead(restore(JSON.parse(body))).end();
    if (request.method === "GET") return showForm(response);
    if (request.headers["content-type"] === "application/json") {
      const { username, password } = JSON.parse(body);
      return response.writeHead(username === "checked" && fits(password) ? 204 : 401).end();
    }
    return login(new URLSearchParams(body), /session=([^;]*)/.exec(request.headers.cookie ?? "")?.[1] ?? "", response);
  };
  const started = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  server = started;
  await new Promise<void>((done) => started.listen(0, "127.0.0.1", done));
  const address = started.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return `http://127.0.0.1:${address.port}`;
}

async function check(shop: Shop, scheme: string, ...more: string[]): Promise<number> {
  const log = path.join(folder, "web.log");
  await writeFile(log, "");
  const url = await serve(shop, log);
  const login = ["--login", `${url}/login`, "--user", "checked", "--name-field", "username", "--login-form"];
  return contractCheck([`${url}/users/1/password`, ...login, "--hash", scheme, "--log", log, ...more]);
}

describe("a backend that is logged in to by a form", () => {
  test.each<[string, Shop, string, string[]]>([
    ["redirects back to the form, Spring's default hashes", { habit: "spring", prefix: "{bcrypt}" }, "spring-bcrypt", []],
    ["redirects to a path that was named", { habit: "spring", prefix: "{bcrypt}" }, "spring-bcrypt", ["--login-fails-to", "/login?error"]],
    ["shows the form again, bcrypt alone", { habit: "flask", prefix: "" }, "bcrypt", []],
    ["verifies the older version", { habit: "flask", prefix: "" }, "bcrypt-2a", []],
  ])("passes when it keeps the contract: it %s", async (_what, shop, scheme, more) => {
    const code = await check(shop, scheme, ...more);
    expect(said.match(/^fail.*$/gm)).toBeNull();
    expect(code).toBe(0);
  });

  test.each<[string, Partial<Shop>, RegExp]>([
    ["hashes a hash again", { hashesAgain: true }, /fail .*stored as it is: it was hashed again/],
    ["stores a password as it is", { storesPlain: true }, /fail .*hashed, whatever it looks like: it was stored as it is/],
    ["lets everybody in", { letsAllIn: true }, /fail .*it was stored as it is/],
    ["logs what it is sent", { logs: true }, /fail .*stands in the log/],
  ])("fails when it %s", async (_what, fault, problem) => {
    expect(await check({ habit: "spring", prefix: "{bcrypt}", ...fault }, "spring-bcrypt")).toBe(1);
    expect(said).toMatch(problem);
  });

  test("an address that takes JSON is logged in to as before", async () => {
    const log = path.join(folder, "web.log");
    await writeFile(log, "");
    const url = await serve({ habit: "spring", prefix: "" }, log);
    const login = ["--login", `${url}/login`, "--user", "checked", "--name-field", "username"];
    expect(await contractCheck([`${url}/users/1/password`, ...login, "--hash", "bcrypt", "--log", log])).toBe(0);
  });

  test("fails when another kind of hash is sent than it verifies", async () => {
    expect(await check({ habit: "flask", prefix: "" }, "spring-bcrypt")).toBe(1);
    expect(said).toMatch(/fail .*hashed_password is stored as it is: it was answered 400/);
  });

  test("fails when refusals are redirected elsewhere than was named", async () => {
    expect(await check({ habit: "spring", prefix: "{bcrypt}" }, "spring-bcrypt", "--login-fails-to", "/sorry")).toBe(1);
    expect(said).toMatch(/^fail/m);
  });
});

test("an option of forms without a form is refused by name and value", async () => {
  const log = path.join(folder, "web.log");
  await writeFile(log, "");
  const args = ["http://127.0.0.1:1/", "--login", "http://127.0.0.1:1/login", "--user", "a", "--hash", "bcrypt", "--log", log];
  await expect(contractCheck([...args, "--login-fails-to", "/login"])).rejects.toThrow(
    /--login-fails-to is "\/login"; it is for --login-form/,
  );
});

import { randomBytes, scryptSync } from "node:crypto";
import { describe, expect, test } from "vitest";
import { type Backend, checkContract } from "./restore-contract.ts";

/** A backend in a few lines: its hash is `h$salt$digest`, and `faults` says what it does wrong. */
interface Faults {
  readonly storesPlain?: true;
  readonly hashesAgain?: true;
  readonly guesses?: true;
  readonly takesAnything?: true;
  readonly logs?: (body: Readonly<Record<string, string>>) => string;
  readonly silent?: true;
}

const digest = (password: string, salt: string) => scryptSync(password, salt, 32, { N: 16 }).toString("hex");
const hashOf = (password: string, salt = randomBytes(12).toString("hex")) => `h$${salt}$${digest(password, salt)}`;
const isHash = (text: string) => /^h\$[0-9a-f]{24}\$[0-9a-f]{64}$/.test(text);
const fits = (password: string, stored: string) => {
  const [, salt = "", hash = ""] = stored.split("$");
  return isHash(stored) ? digest(password, salt) === hash : password === stored;
};

function backend(faults: Faults = {}): Backend {
  let stored = hashOf("at first");
  let log = "";
  return {
    async restore(body) {
      const given: Readonly<Record<string, string>> = Object.fromEntries(Object.entries(body ?? {}));
      log += `${faults.logs?.(given) ?? "PUT /password"}\n`;
      const { password, hashed_password: hashed } = given;
      const wrong = (password === undefined) === (hashed === undefined) || password === "" || (hashed !== undefined && !isHash(hashed));
      if (wrong && !faults.takesAnything) return 400;
      if (hashed !== undefined) stored = faults.hashesAgain ? hashOf(hashed) : hashed;
      else if (password !== undefined) stored = faults.storesPlain || (faults.guesses && isHash(password)) ? password : hashOf(password);
      return 204;
    },
    login: async (password) => fits(password, stored),
    logged: async () => (faults.silent ? null : log),
  };
}

const hashes = () => {
  const password = randomBytes(12).toString("hex");
  return { password, hash: hashOf(password) };
};
const failing = async (faults: Faults) => (await checkContract(backend(faults), hashes)).filter(({ ok }) => !ok);

test("a backend that keeps the contract passes every check", async () => {
  expect(await failing({})).toEqual([]);
});

describe("a backend that does not is told which part it breaks", () => {
  test.each<[string, Faults, RegExp]>([
    ["hashes a hash again", { hashesAgain: true }, /hashed again/],
    ["stores a password as it is", { storesPlain: true }, /stored as it is/],
    ["takes a password that looks like a hash for one", { guesses: true }, /stored as it is/],
    ["takes both, neither and what is no hash", { takesAnything: true }, /a body with neither was answered 204/],
    ["logs bodies", { logs: JSON.stringify }, /stands in the log/],
    ["logs the digest alone", { logs: ({ hashed_password: hash = "" }) => hash.split("$")[2] ?? "" }, /stands in the log/],
    ["has its log elsewhere", { silent: true }, /never showed these requests/],
  ])("it %s", async (_what, faults, problem) => {
    const found = await failing(faults);
    expect(found.map(({ detail }) => detail).join("; ")).toMatch(problem);
  });
});

test("afterwards nobody knows the password, and no finding holds a secret", async () => {
  const known: string[] = [];
  const watched = backend({ hashesAgain: true, logs: JSON.stringify });
  const findings = await checkContract(watched, () => {
    const made = hashes();
    known.push(made.password, made.hash);
    return made;
  });
  for (const secret of known) {
    expect(await watched.login(secret)).toBe(false);
    expect(JSON.stringify(findings)).not.toContain(secret);
  }
});

/**
 * Whether a team's backend restores passwords as it must: `password` is hashed, `hashed_password` is stored as it is, and neither is written into a log.
 * Shown by what logging in does, because that is what it is for: a hash that was hashed again would let in whoever sends the hash itself.
 */
import { type KnownHash, randomPassword } from "./password-hashes.ts";

export interface Backend {
  /** Sends a body to the restore address; the status. */
  restore(body: unknown): Promise<number>;
  /** Whether a login with this password is let in. */
  login(password: string): Promise<boolean>;
  /** What was logged since the check began, once the last request of it has been; null where it never shows. */
  logged(): Promise<string | null>;
}

export interface Finding {
  readonly check: string;
  readonly ok: boolean;
  /** What was seen instead; never a password or a hash. */
  readonly detail: string;
}

/** `hashes` makes a hash that the backend could have stored, each time another. The account is left with a password that nobody knows. */
export async function checkContract(backend: Backend, hashes: () => KnownHash): Promise<readonly Finding[]> {
  const secrets: string[] = [];
  const keep = <T extends string | KnownHash>(secret: T): T => {
    secrets.push(...(typeof secret === "string" ? [secret] : [secret.password, secret.hash]));
    return secret;
  };
  const findings: Finding[] = [];
  const check = async (name: string, look: () => Promise<string | null>) => {
    const problem = await look();
    findings.push({ check: name, ok: problem === null, detail: problem ?? "" });
  };
  try {
    await check("password is taken and lets its owner in", async () => {
      const password = keep(randomPassword());
      return (await refusedBy(backend, { password })) ?? ((await backend.login(password)) ? null : "the login with it was refused");
    });
    await check("password is hashed, whatever it looks like", async () => {
      // A password that is itself a hash: stored as it is, it would let in whoever knows the password behind the hash.
      const hash = keep(hashes());
      const refused = await refusedBy(backend, { password: hash.hash });
      if (refused !== null) return refused;
      if (await backend.login(hash.password)) return "it was stored as it is: the password behind it was let in";
      return (await backend.login(hash.hash)) ? null : "the login with it was refused";
    });
    const stored = keep(hashes());
    await check("hashed_password is stored as it is", async () => {
      const refused = await refusedBy(backend, { hashed_password: stored.hash });
      if (refused !== null) return refused;
      if (await backend.login(stored.hash)) return "it was hashed again: the hash itself was let in as a password";
      return (await backend.login(stored.password)) ? null : "the login with the password behind it was refused";
    });
    await check("it can be stored twice and is never hashed twice", async () => {
      const refused = await refusedBy(backend, { hashed_password: stored.hash });
      return refused ?? ((await backend.login(stored.password)) ? null : "the login with the password behind it was refused");
    });
    await check("what is neither, both or no hash is refused, and changes nothing", async () => {
      const bad = [
        {},
        { password: keep(randomPassword()), hashed_password: stored.hash },
        { hashed_password: keep(randomPassword()) },
        { password: "" },
      ];
      for (const [index, body] of bad.entries()) {
        const status = await backend.restore(body);
        if (status < 400 || status > 499) return `${BAD[index]} was answered ${status}, not refused`;
      }
      return (await backend.login(stored.password)) ? null : "the login was refused afterwards";
    });
  } finally {
    await backend.restore({ password: keep(randomPassword()) });
  }
  await check("neither a password nor a hash is logged", async () => {
    const text = await backend.logged();
    if (text === null) return "the log never showed these requests: is it the backend's, and is it written?";
    return partsOf(secrets).some((part) => text.includes(part)) ? "one of them, or a part of one, stands in the log" : null;
  });
  return findings;
}

const BAD = ["a body with neither", "a body with both", "a hashed_password that is no hash", "an empty password"] as const;

async function refusedBy(backend: Backend, body: unknown): Promise<string | null> {
  const status = await backend.restore(body);
  return status >= 200 && status < 300 ? null : `it was answered ${status}`;
}

// Shorter pieces, such as the number of rounds, stand in logs by chance.
const TELLING = 16;

// In bcrypt's form nothing stands between them.
const BCRYPT_SALT_AND_DIGEST = /^([./A-Za-z0-9]{22})([./A-Za-z0-9]{31})$/;

/** A log that drops the scheme, or escapes a separator, still shows salt or digest. */
function partsOf(secrets: readonly string[]): readonly string[] {
  const parts = secrets.flatMap((secret) => [secret, ...secret.split(/[$:{}]/)]);
  return parts.flatMap((part) => BCRYPT_SALT_AND_DIGEST.exec(part)?.slice(1) ?? part).filter((part) => part.length >= TELLING);
}

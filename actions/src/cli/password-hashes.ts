/** Hashes as frameworks store them, made here so that a backend can be given one that a backup might have held. */
import { pbkdf2Sync, randomBytes, scryptSync } from "node:crypto";
import { genSaltSync, hashSync } from "bcryptjs";

export interface KnownHash {
  readonly password: string;
  readonly hash: string;
}

// Weak on purpose: the account is given a random password at the end, and a check should not take seconds.
const ROUNDS = 1_000;
const SCRYPT = { N: 16_384, r: 8, p: 1 } as const;
// What Spring Security writes itself: a weaker one would be replaced at the first login.
const BCRYPT_COST = 10;

/** By the name of what stores them; each is what that writes itself. */
export const HASH_SCHEMES = {
  "werkzeug-pbkdf2": (password: string) => {
    const salt = randomBytes(12).toString("hex");
    return `pbkdf2:sha256:${ROUNDS}$${salt}$${pbkdf2Sync(password, salt, ROUNDS, 32, "sha256").toString("hex")}`;
  },
  "werkzeug-scrypt": (password: string) => {
    const salt = randomBytes(12).toString("hex");
    return `scrypt:${SCRYPT.N}:${SCRYPT.r}:${SCRYPT.p}$${salt}$${scryptSync(password, salt, 64, SCRYPT).toString("hex")}`;
  },
  "django-pbkdf2": (password: string) => {
    const salt = randomBytes(12).toString("hex");
    return `pbkdf2_sha256$${ROUNDS}$${salt}$${pbkdf2Sync(password, salt, ROUNDS, 32, "sha256").toString("base64")}`;
  },
  /** Flask-Bcrypt, passlib. */
  bcrypt: (password: string) => bcrypt(password, "2b"),
  /** A BCryptPasswordEncoder alone, and what older libraries still write. */
  "bcrypt-2a": (password: string) => bcrypt(password, "2a"),
  /** Spring Security's default, a DelegatingPasswordEncoder. */
  "spring-bcrypt": (password: string) => `{bcrypt}${bcrypt(password, "2a")}`,
  "spring-scrypt": (password: string) => {
    const salt = randomBytes(16);
    const settings = ((Math.log2(SCRYPT.N) << 16) | (SCRYPT.r << 8) | SCRYPT.p).toString(16);
    return `{scrypt}$${settings}$${salt.toString("base64")}$${scryptSync(password, salt, 32, SCRYPT).toString("base64")}`;
  },
} as const satisfies Record<string, (password: string) => string>;

/** Both versions are one algorithm; they are told apart because some libraries verify one of them only. */
function bcrypt(password: string, version: "2a" | "2b"): string {
  return hashSync(password, genSaltSync(BCRYPT_COST).replace(/^\$2b\$/, `$${version}$`));
}

export type HashScheme = keyof typeof HASH_SCHEMES;

export function randomPassword(): string {
  return `hf-${randomBytes(18).toString("base64url")}`;
}

export function knownHash(scheme: HashScheme): KnownHash {
  const password = randomPassword();
  return { password, hash: HASH_SCHEMES[scheme](password) };
}

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { excerptOf, redact, SECRET_KINDS } from "./redact.ts";

const letters = (count: number, from = "aB3xQ7zLmN5p") => from.repeat(Math.ceil(count / from.length)).slice(0, count);
const hex = (count: number) => letters(count, "0123456789abcdef");

// Put together here, so that nothing that scans this repository takes them for live ones.
const SECRET = letters(24);
const JWT = ["eyJhbGciOiJIUzI1NiJ9", "eyJzdWIiOiJib2IifQ", letters(43)].join(".");

type Sample = readonly [record: string, secret?: string];

/** Per kind: a record, and what of it must be gone. Where nothing is named, the secret is `SECRET`. */
const SAMPLES: Readonly<Record<string, readonly Sample[]>> = {
  pem: [
    [`key: -----BEGIN RSA PRIVATE KEY-----\n${SECRET}\n-----END RSA PRIVATE KEY----- done`],
    [`"-----BEGIN PRIVATE KEY-----\\n${SECRET}\\n`],
  ],
  "authorization header": [
    [`Authorization: Bearer ${SECRET}`],
    [`{"authorization": "Token ${SECRET}", "x": 1}`],
    [`Proxy-Authorization: Digest username="bob", nonce="1", response="${hex(32)}"`, hex(32)],
  ],
  "bearer or basic credentials": [
    [
      `"GET / HTTP/1.1" 200 "Basic ${Buffer.from(`bob:${SECRET}`).toString("base64")}"`,
      Buffer.from(`bob:${SECRET}`).toString("base64").slice(0, 20),
    ],
    [`sent bearer ${SECRET}`],
  ],
  cookie: [[`Cookie: theme=dark; sid=${SECRET}`], [`{"set-cookie":"remember=${SECRET}; Path=/","user":"bob"}`]],
  "password in an address": [[`postgresql://app:${SECRET}@db:5432/shop`], [`redis://:p@${SECRET}@cache:6379`]],
  "slack webhook": [[`posting to https://hooks.slack.com/services/T0/B0/${SECRET}`]],
  "slack token": [[`using xoxb-1234-${SECRET}`]],
  "github token": [
    [`clone with ghp_${letters(36)}`, letters(36)],
    [`github_pat_${letters(40)}`, letters(40)],
  ],
  "aws key id": [[`key AKIA${letters(16, "ABCDEFGH234567")} used`, letters(16, "ABCDEFGH234567")]],
  "provider key": [[`npm_${letters(36)}`, letters(36)], [`sk_live_${SECRET}`], [`AIza${letters(35)}`, letters(35)]],
  jwt: [[`session of ${JWT} ended`, JWT.slice(0, 40)]],
  bcrypt: [[`was $2b$12$${letters(53)} before`, letters(53)]],
  argon2: [[`$argon2id$v=19$m=65536,t=3,p=4$${letters(22)}$${letters(43)}`, letters(43)]],
  "werkzeug hash": [
    [`to scrypt:32768:8:1$${letters(16)}$${hex(128)} now`, hex(128)],
    [`pbkdf2:sha256:600000$${letters(8)}$${hex(64)}`, hex(64)],
  ],
  "django hash": [[`pbkdf2_sha256$600000$${letters(22)}$${letters(43)}=`, letters(43)]],
  "spring hash": [[`{bcrypt}$2a$10$${letters(53)}`, letters(53)], [`{noop}${SECRET}`]],
  "crypt hash": [
    [`bob:$6$${letters(16)}$${letters(86)}:19000`, letters(86)],
    [`$y$j9T$${letters(22)}$${letters(43)}`, letters(43)],
  ],
  "salted sha": [[`sha256$${letters(8)}$${hex(64)}`, hex(64)]],
  "postgres verifier": [[`SCRAM-SHA-256$4096:${letters(24)}$${letters(44)}:${letters(44)}`, letters(44)]],
  "postgres md5": [[`rolpassword md5${hex(32)}`, hex(32)]],
  "mysql hash": [[`AS *${letters(40, "0123456789ABCDEF")}`, letters(40, "0123456789ABCDEF")]],
  "password in sql": [
    [`ALTER ROLE bob WITH PASSWORD '${SECRET}'`],
    [`CREATE USER joe IDENTIFIED BY '${SECRET}'`],
    [`ALTER USER joe IDENTIFIED WITH mysql_native_password BY '${SECRET}'`],
    [`SET PASSWORD FOR 'joe'@'%' = PASSWORD('${SECRET}')`],
    [`20251108 09:09:35,vm,root,localhost,60,107,QUERY,mysql,'SET PASSWORD FOR joe@\\'%\\' = PASSWORD(\\'${SECRET}\\')',0`],
  ],
  "named value": [
    [`password=${SECRET}`],
    [`{"new_password":"${SECRET}","user":"bob"}`],
    [`{"password":"a \\"quoted\\" ${SECRET}"}`],
    [`{\\"api_key\\":\\"${SECRET}\\"}`],
    [`DB_PASSWORD: '${SECRET}'`],
    [`aws_secret_access_key = ${SECRET}`],
    [`passwordHash => "${SECRET}"`],
    [`GET /x?next=%2Fa%3Ftoken%3D${SECRET}`],
    [`UPDATE users SET password_hash = crypt('${SECRET}', gen_salt('bf')) WHERE id = 5`],
    [`\u001b[36mpassword\u001b[0m=\u001b[35m${SECRET}\u001b[0m`],
    [`a cut record ends within password="${SECRET}`],
  ],
  "signed query": [[`GET /callback?code=${SECRET}&state=1`], [`https://s3/x?X-Amz-Signature=${hex(64)}`, hex(64)]],
  "token in a path": [
    [`GET /reset/${SECRET} HTTP/1.1`],
    [`GET /accounts/reset/MQ/5x7-${hex(32)}/ HTTP/1.1`, hex(32)],
    [`/confirm-email/${letters(30, "abcdefghi")}`, letters(30, "abcdefghi")],
  ],
};

test("every kind of secret has a sample here", () => {
  expect(Object.keys(SAMPLES).sort()).toEqual([...SECRET_KINDS].sort());
});

describe.each(Object.entries(SAMPLES))("%s", (_kind, samples) => {
  test.each(samples.map(([record, secret = SECRET]) => [record, secret] as const))("%s", (record, secret) => {
    expect(record).toContain(secret);
    const once = redact(record);
    expect(once).toContain("[redacted]");
    expect(once).not.toContain(secret);
    expect(redact(once), "again changes nothing that could be read").not.toContain(secret);
  });
});

describe("row values next to a password", () => {
  test.each([
    [`DETAIL:  parameters: $1 = '${SECRET}', $2 = '1'`],
    [`INSERT INTO users (email, password_hash) VALUES ('bob@example.com', '${SECRET}')`],
    [`AUDIT: SESSION,5,1,WRITE,INSERT,,,"INSERT INTO users(email, password_hash) VALUES ($1,$2)","""x"""",y@example.com"",${SECRET}",1`],
    [`AUDIT: SESSION,5,1,WRITE,UPDATE,,,"UPDATE users SET pw=$1, n=$2",${SECRET}`],
  ])("%s", (record) => {
    expect(redact(record)).not.toContain(SECRET);
  });

  test("what pgaudit says of the rows stays", () => {
    const line = "AUDIT: SESSION,1,1,WRITE,DELETE,,,DELETE FROM orders WHERE user_id > 100,<none>,400";
    expect(redact(line)).toBe(line);
  });
});

test.each([
  ["Failed password for root from 198.51.100.18 port 48347 ssh2"],
  ["Password changed for user 'bob' by 'bob' from 203.0.113.10"],
  ['FATAL:  password authentication failed for user "app"'],
  ["pam_unix(sshd:session): session opened for user root(uid=0)"],
  ["chpasswd[9965]: pam_unix(chpasswd:chauthtok): password changed for ftest"],
  ["passwd[9968]: password for 'fadm' changed by 'root'"],
  ["Basic authentication failed for user bob"],
  ['{"event":"password-changed","password_reset":true,"request_id":"3f0e1c526d0b4b7e9d530f2a4c1be871"}'],
  ["POST /reset-password/complete HTTP/1.1"],
  ['Migrating schema "public" to version "8 - drop legacy password column"'],
  ["DELETE FROM users WHERE email = 'bob@example.com'"],
])("what explains an alert stays readable: %s", (line) => {
  expect(redact(line)).toBe(line);
});

test("a secret is taken out before the record is cut, never after", () => {
  for (let limit = 10; limit < 90; limit += 1)
    expect(excerptOf(`login password='${SECRET}' refused`, limit)).not.toContain(SECRET.slice(0, 4));
  expect(excerptOf(`${"x ".repeat(40_000)}password=${SECRET}`, 500)).toHaveLength(500);
});

test("an excerpt is one visible line of bounded length, whatever the record is", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 400 }), fc.integer({ min: 40, max: 200 }), (record, limit) => {
      const excerpt = excerptOf(record, limit);
      expect(excerpt.length).toBeLessThanOrEqual(limit);
      expect(excerpt).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
    }),
  );
});

/** Each is what one of the patterns would like best and cannot finish. A pattern that backtracks would take minutes or more. */
test.each([
  "\u001b[;;;;",
  "\u001b]0;",
  "eyJ",
  "-eyJaaaaaaaa.eyJaaaa",
  "password='\\\\",
  "password=",
  "password",
  `"`,
  "'",
  "a.",
  "a://a:",
  "-----BEGIN PRIVATE KEY-----",
  "authorization: a ",
  "cookie:",
  "basic aaaaaaaa ",
  "/reset/",
  "/reset-a/aaaaaaa",
  "reset",
  "SCRAM-SHA-256$1:a$",
  "scrypt:1:1:1$a$",
  "$argon2id$v=1$m=1,t=1,p=1$",
  "set password for a ",
  "insert into password '",
  "AUDIT: SESSION,1,1,WRITE,INSERT,,,",
  "parameters: $1 = ",
  "password=crypt(crypt(crypt(",
  "{bcrypt}",
  "%3D",
])("100 kB of %j are done with within a test's patience", (part) => {
  const text = part.repeat(Math.ceil(100_000 / part.length));
  expect(typeof redact(text)).toBe("string");
  expect(excerptOf(text).length).toBeLessThanOrEqual(500);
});

import { expect, test } from "vitest";
import { tellLines } from "../tell-lines.ts";

const sshd = (body: string) => `Nov 20 12:16:22 vm sshd[9910]: ${body}`;

test("only Failed counts, as often as it is said to have been repeated", () => {
  expect(tellLines(sshd("message repeated 3 times: [ Failed password for root from 198.51.100.17 port 4 ssh2]"))).toMatchObject([
    { kind: "auth-failed", times: 3, actor: "root", ip: "198.51.100.17", admin: true },
  ]);
  for (const body of [
    "Invalid user eve from 198.51.100.17 port 4",
    "pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=198.51.100.17  user=root",
    "Failed none for eve from 198.51.100.17 port 4 ssh2",
    "Failed publickey for eve from 198.51.100.17 port 4 ssh2",
    "PAM 2 more authentication failures; rhost=198.51.100.17  user=root",
  ]) {
    expect(tellLines(sshd(body))).toEqual([]);
  }
});

test("a user name that holds an address forges none", () => {
  const body = "Failed password for invalid user x from 192.0.2.77 port 1 ssh2 from 2001:db8::9 port 48347 ssh2";
  expect(tellLines(`2026-11-20T12:16:20.967822+00:00 vm sshd-session[9900]: ${body}`)).toMatchObject([
    { ip: "2001:db8::9", actor: "x from 192.0.2.77 port 1 ssh2", at: Date.UTC(2026, 10, 20, 12, 16, 20, 967) },
  ]);
});

test.each([
  ["chpasswd[9]: pam_unix(chpasswd:chauthtok): password changed for bob", "password-changed"],
  ["useradd[9]: new user: name=bob, UID=1003, GID=1003, home=/home/bob, shell=/bin/sh, from=none", "user-created"],
  ["userdel[9]: delete user 'bob'", "row-deleted"],
])("%s", (rest, kind) => {
  expect(tellLines(`Nov 20 12:16:22 vm ${rest}`)).toMatchObject([{ kind, target: "bob" }]);
});

test("a lock says that a password changed, and is none", () => {
  expect(tellLines("Nov 20 12:16:22 vm passwd[9968]: password for 'bob' changed by 'root'")).toEqual([]);
});

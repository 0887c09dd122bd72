/**
 * syslog with sshd, PAM and the tools that manage accounts, in the old head (`Nov 20 12:16:22 vm sshd[9910]: `, no year, no zone) and the new one.
 * sshd tells a failure on several lines; only `Failed …` counts.
 */
import { clue } from "../clue.ts";
import { canonicalAddress } from "../grammar/address.ts";
import { readIso, readSyslogDate } from "../grammar/clock.ts";
import type { Memory } from "./format.ts";
import { type Format, NOTHING, reading, type Sighting, sighting } from "./format.ts";
import { MESSAGE_CLUES, tellMessage } from "./messages.ts";

const HEAD = /^ (\S{1,255}) ([\w./-]{1,64})(?:\[(\d{1,10})\])?: /;
const REPEATED = /^message repeated (\d{1,6}) times: \[ ([\s\S]{0,4096})\]$/;
// The last ` from ADDRESS port N`: who connects chooses the name before it. "none" and "publickey" are negotiation.
const SSHD =
  /^(Failed|Accepted) (\S{1,40}) for (?:(?:invalid|illegal) user )?([\s\S]{0,1000}) from (\S{2,80}) port \d{1,5}(?: ssh2)?(?:: [\s\S]{0,300})?$/;
const COUNTED = /^(?:password|keyboard-interactive(?:\/pam)?|gssapi-with-mic|hostbased)$/;
const PAM_FAILED =
  /^pam_\w{1,20}\(([\w-]{1,40}):auth\): authentication failure;.{0,300}?\brhost=(\S{0,80})(?: {1,2}user=([\s\S]{0,256}))?$/;
const PAM_CHANGED = /^pam_\w{1,20}\([\w-]{1,40}:chauthtok\): password changed for ([\s\S]{1,256})$/;
const NEW_USER = /^new user: name=([^,]{1,256}),/;
const GONE_USER = /^delete user '([^']{1,256})'/;

export const syslog: Format = {
  name: "syslog",
  clues: [
    ...MESSAGE_CLUES,
    clue("auth-failed", ["failed "], [" port "]),
    clue("auth-failed", ["authentication failure"]),
    clue("auth-succeeded", ["accepted "], [" port "]),
    clue("user-created", ["new user:"]),
  ],
  read(text, memory) {
    const clock = readSyslogDate(text, 0) ?? readIso(text, 0);
    if (clock === null) return null;
    const rest = text.slice(clock.end);
    const head = HEAD.exec(rest);
    if (head === null) return null;
    const program = head[2] ?? "";
    return reading(clock, told(program, rest.slice(head[0].length), memory), { logger: program });
  },
};

function told(program: string, body: string, memory: Memory): readonly Sighting[] {
  const repeated = REPEATED.exec(body);
  if (repeated !== null) return told(program, repeated[2] ?? "", memory).map((each) => ({ ...each, times: Number(repeated[1]) }));
  if (program === "sshd" || program === "sshd-session" || program === "sshd-auth") return sshd(body);
  const changed = PAM_CHANGED.exec(body)?.[1];
  // `passwd` writes "password for 'x' changed by 'root'" for a lock as well; only PAM's line means a new password.
  if (changed !== undefined)
    return [
      system("password-changed", {
        target: changed,
        actor: program === "chpasswd" ? "root" : null,
        words: program === "chpasswd" ? true : null,
      }),
    ];
  const created = NEW_USER.exec(body)?.[1];
  if (created !== undefined) return [system("user-created", { target: created, actor: "root", words: true })];
  const gone = GONE_USER.exec(body)?.[1];
  if (gone !== undefined) return [system("row-deleted", { target: gone, actor: "root", words: true, table: "passwd", rows: 1 })];
  const failed = PAM_FAILED.exec(body);
  if (failed !== null) return [system("auth-failed", { actor: failed[3]?.trim() || null, ip: canonicalAddress(failed[2] ?? "") })];
  if (/^(?:passwd|useradd|userdel|usermod|groupadd|chage|sudo|su|CRON|cron|systemd|kernel)/.test(program)) return NOTHING;
  return tellMessage({ logger: program, message: body }, memory);
}

function sshd(body: string): readonly Sighting[] {
  const match = SSHD.exec(body);
  if (match === null) return NOTHING;
  const [, outcome, method = "", name = "", address = ""] = match;
  if (outcome === "Failed" && !COUNTED.test(method)) return NOTHING;
  // Root is the administrator of the machine, whoever types the name.
  const told = { actor: name, ip: canonicalAddress(address), words: name === "root" };
  return [system(outcome === "Failed" ? "auth-failed" : "auth-succeeded", told)];
}

function system(kind: Sighting["kind"], more: Partial<Sighting>): Sighting {
  return sighting(kind, "system", more);
}

import { expect, test } from "vitest";
import { tellLines } from "../tell-lines.ts";

const line = (logger: string, message: string, ms = 658) =>
  `2025-11-10T07:01:06.${ms}Z  WARN 1 --- [app] [nio-8080-exec-1] ${logger.padEnd(40)} : ${message}`;
const DETAILS = "details: WebAuthenticationDetails [RemoteIpAddress=203.0.113.9, SessionId=null]";
const FAILED = line(
  "o.s.s.a.event.LoggerListener",
  `Authentication event AuthenticationFailureBadCredentialsEvent: bob; ${DETAILS}; exception: Bad credentials`,
);
const AUDITED = line(
  "o.s.b.a.audit.listener.AuditListener",
  `AuditEvent [timestamp=2025-11-10T07:01:06.660Z, principal=bob, type=AUTHENTICATION_FAILURE, data={${DETAILS}]}]`,
  660,
);

test("listener and audit trail tell one failure, in either order", () => {
  expect(tellLines(`${FAILED}\n${AUDITED}`)).toMatchObject([{ kind: "auth-failed", actor: "bob", ip: "203.0.113.9", line: 1 }]);
  expect(tellLines(`${AUDITED}\n${FAILED}`)).toHaveLength(1);
});

test("a form login that two events tell is one", () => {
  const success = (event: string) => line("o.s.s.a.event.LoggerListener", `Authentication event ${event}: bob; ${DETAILS}`);
  expect(tellLines(`${success("AuthenticationSuccessEvent")}\n${success("InteractiveAuthenticationSuccessEvent")}`)).toMatchObject([
    { kind: "auth-succeeded" },
  ]);
});

test("a password set through the user manager, and a failure that only the provider tells", () => {
  expect(tellLines(line("o.s.s.p.JdbcUserDetailsManager", "Changing password for user 'bob'"))).toMatchObject([
    { kind: "password-changed", target: "bob" },
  ]);
  expect(tellLines(line("com.acme.Form", "Changing password for user 'bob'"))).toEqual([]);
  expect(
    tellLines(line("o.s.s.a.dao.DaoAuthenticationProvider", "Failed to authenticate since password does not match stored value")),
  ).toMatchObject([{ kind: "auth-failed" }]);
});

test("the address is the last one: a principal may hold another", () => {
  expect(tellLines(FAILED.replace("bob", "x; details: [RemoteIpAddress=192.0.2.1, SessionId=null]"))).toMatchObject([
    { ip: "203.0.113.9" },
  ]);
});

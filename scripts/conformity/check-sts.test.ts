import { expect, test } from "vitest";
import type { RecordEntry } from "../sandbox/record.ts";
import { checkRecord } from "./check-record.ts";

const AT = "2026-11-20T12:00:00.000Z";
const asked = {
  Action: "AssumeRoleWithWebIdentity",
  Version: "2011-06-15",
  RoleArn: "arn:aws:iam::123456789012:role/holdfast-snapshot",
  RoleSessionName: "holdfast-snapshot",
  WebIdentityToken: "***",
};
const credentials = (expiration = "2026-11-20T13:00:00Z") =>
  `<Credentials><AccessKeyId>ASIAIOSFODNN7EXAMPLE</AccessKeyId><SecretAccessKey>***</SecretAccessKey><SessionToken>***</SessionToken><Expiration>${expiration}</Expiration></Credentials>`;
const user =
  "<AssumedRoleUser><Arn>arn:aws:sts::123456789012:assumed-role/holdfast-snapshot/holdfast-snapshot</Arn><AssumedRoleId>AROAEXAMPLE:holdfast-snapshot</AssumedRoleId></AssumedRoleUser>";
const told =
  "<SubjectFromWebIdentityToken>repo:acme/holdfast:environment:snapshot</SubjectFromWebIdentityToken><Audience>sts.amazonaws.com</Audience><Provider>arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com</Provider>";
const answer = (result: string, extra = "<ResponseMetadata><RequestId>1</RequestId></ResponseMetadata>") =>
  `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult>${result}</AssumeRoleWithWebIdentityResult>${extra}</AssumeRoleWithWebIdentityResponse>`;
const error = (code: string, type = "Sender") =>
  `<ErrorResponse><Error><Type>${type}</Type><Code>${code}</Code><Message>No</Message></Error><RequestId>1</RequestId></ErrorResponse>`;

const entry = (request: object, response: string, status = 200): RecordEntry => ({
  at: AT,
  service: "sts",
  method: "POST",
  path: "/",
  status,
  request,
  response,
});
const whole = answer(told + user + credentials());

test("what STS itself could have said is no violation", () => {
  const caller =
    '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/developer</Arn><UserId>AIDAEXAMPLE</UserId><Account>123456789012</Account></GetCallerIdentityResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></GetCallerIdentityResponse>';
  expect(
    checkRecord([
      entry(asked, whole),
      entry({ ...asked, DurationSeconds: "900" }, answer(told + user + credentials("2026-11-20T12:15:00Z"))),
      entry({ Action: "GetCallerIdentity", Version: "2011-06-15" }, caller),
      entry(asked, error("ExpiredTokenException"), 400),
      entry(asked, error("AccessDenied"), 403),
      entry(asked, "", 0),
    ]),
  ).toEqual([]);
});

test.each<[string, RecordEntry, RegExp]>([
  ["another action", entry({ ...asked, Action: "AssumeRole" }, whole), /no action "AssumeRole"/],
  ["another version", entry({ ...asked, Version: "2014-10-31" }, whole), /version 2014-10-31/],
  ["a parameter that STS does not know", entry({ ...asked, Region: "eu-west-1" }, whole), /Region is unknown/],
  ["a role by its name alone", entry({ ...asked, RoleArn: "holdfast-snapshot" }, whole), /RoleArn is "holdfast-snapshot"/],
  ["a session's name with a space", entry({ ...asked, RoleSessionName: "a b" }, whole), /RoleSessionName/],
  ["a token that a record shows", entry({ ...asked, WebIdentityToken: "eyJhbGciOi" }, whole), /WebIdentityToken/],
  ["an answer without credentials", entry(asked, answer(told + user)), /Credentials.AccessKeyId is missing/],
  ["an element of its own", entry(asked, answer(`${told}${user}${credentials()}<Region>x</Region>`)), /Region is unknown/],
  ["another namespace", entry(asked, whole.replace("sts.amazonaws.com/doc", "rds.amazonaws.com/doc")), /namespace/],
  ["an answer without a request's id", entry(asked, answer(told + user + credentials(), "")), /no RequestId/],
  ["credentials that live longer than asked for", entry(asked, answer(told + user + credentials("2026-11-21T12:00:00Z"))), /live 86400 s/],
  ["credentials that are over already", entry(asked, answer(told + user + credentials("2026-11-20T11:00:00Z"))), /live -3600 s/],
  ["a duration beyond the bounds", entry({ ...asked, DurationSeconds: "60000" }, whole), /60000 was accepted/],
  ["an error that STS does not have", entry(asked, error("DBClusterNotFoundFault"), 404), /no error DBClusterNotFoundFault/],
  ["an error with another status", entry(asked, error("IDPRejectedClaim"), 400), /comes with status 403, not 400/],
  ["an error that is nobody's", entry(asked, error("AccessDenied", "Receiver"), 403), /said to be the Receiver's/],
])("%s is a violation", (_what, planted, problem) => {
  expect(
    checkRecord([planted])
      .map((each) => each.problem)
      .join("\n"),
  ).toMatch(problem);
});

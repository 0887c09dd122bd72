import { createServer, type Server } from "node:http";
import { afterEach, expect, test } from "vitest";
import { createFakeHost, type FakeHost, workflow } from "./fake-host.ts";

const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface Answer {
  readonly status: number;
  readonly body: string;
}

interface Seen {
  readonly url: string;
  readonly authorization: string;
  readonly body: string;
}

async function listen(answer: (seen: Seen) => Answer): Promise<{ readonly url: string; readonly seen: Seen[] }> {
  const seen: Seen[] = [];
  const server: Server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (chunk: string) => {
      body += chunk;
    });
    request.on("end", () => {
      const entry = { url: request.url ?? "", authorization: request.headers.authorization ?? "", body };
      seen.push(entry);
      const { status, body: text } = answer(entry);
      response.writeHead(status).end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => new Promise((resolve) => server.close(() => resolve())));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return { url: `http://127.0.0.1:${address.port}`, seen };
}

const secrets = { key: `ASIA${crypto.randomUUID()}`, secret: crypto.randomUUID(), session: crypto.randomUUID(), jwt: crypto.randomUUID() };
const ASSUMED = `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult>
<AssumedRoleUser><Arn>arn:aws:sts::123456789012:assumed-role/restore/s</Arn><AssumedRoleId>x:s</AssumedRoleId></AssumedRoleUser>
<Credentials><AccessKeyId>${secrets.key}</AccessKeyId><SecretAccessKey>${secrets.secret}</SecretAccessKey><SessionToken>${secrets.session}</SessionToken><Expiration>2026-11-20T12:00:00Z</Expiration></Credentials>
</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`;
const refusal = (code: string, message: string): string =>
  `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`;

function createWorld(sts: string, issuer: string, inputs = "", permissions = "{id-token: write}"): FakeHost {
  const world = createFakeHost({
    identityUrl: issuer,
    engine: { runnerEnv: { AWS_ENDPOINT_URL_STS: sts } },
    files: workflow(`  a:
    runs-on: x
    permissions: ${permissions}
    steps:
      - id: aws
        uses: aws-actions/configure-aws-credentials@${"e".repeat(40)}
        with:
          role-to-assume: arn:aws:iam::123456789012:role/restore
          aws-region: eu-west-1
          role-session-name: run-\${{ github.run_id }}
          role-duration-seconds: 7200
${inputs}
      - run: |
          echo "key $AWS_ACCESS_KEY_ID secret $AWS_SECRET_ACCESS_KEY session $AWS_SESSION_TOKEN"
          echo "length \${#AWS_SESSION_TOKEN} $AWS_REGION $AWS_DEFAULT_REGION \${{ steps.aws.outputs.aws-account-id }}"
          echo "url $ACTIONS_ID_TOKEN_REQUEST_URL token $ACTIONS_ID_TOKEN_REQUEST_TOKEN"
`),
  });
  closers.push(() => world.close());
  return world;
}

test("the identity token becomes masked credentials of the role", async () => {
  const issuer = await listen(() => ({ status: 200, body: JSON.stringify({ count: 1, value: secrets.jwt }) }));
  let calls = 0;
  const sts = await listen(() => {
    calls += 1;
    return calls === 1 ? { status: 503, body: refusal("ServiceUnavailable", "later") } : { status: 200, body: ASSUMED };
  });
  const world = createWorld(sts.url, issuer.url);
  expect(await world.finish({ id: 9 })).toBe("success");
  expect(world.job("a").log).toEqual(
    expect.arrayContaining([
      "key *** secret *** session ***",
      "length 36 eu-west-1 eu-west-1 123456789012",
      `url ${issuer.url}/token?v=1 token ***`,
    ]),
  );
  expect(issuer.seen[0]?.url).toBe("/token?v=1&audience=sts.amazonaws.com");
  expect(issuer.seen[0]?.authorization).toMatch(/^Bearer idt_/);
  expect(sts.seen).toHaveLength(2);
  expect(Object.fromEntries(new URLSearchParams(sts.seen[1]?.body))).toEqual({
    Action: "AssumeRoleWithWebIdentity",
    Version: "2011-06-15",
    RoleArn: "arn:aws:iam::123456789012:role/restore",
    RoleSessionName: "run-9",
    DurationSeconds: "7200",
    WebIdentityToken: secrets.jwt,
  });
});

test("a refused role fails the step at once, in the service's words", async () => {
  const issuer = await listen(() => ({ status: 200, body: JSON.stringify({ value: secrets.jwt }) }));
  const sts = await listen(() => ({
    status: 403,
    body: refusal("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity"),
  }));
  const world = createWorld(sts.url, issuer.url);
  expect(await world.finish()).toBe("failure");
  expect(world.job("a").annotations[0]?.message).toBe(
    "Could not assume role with OIDC: Not authorized to perform sts:AssumeRoleWithWebIdentity",
  );
  expect(sts.seen).toHaveLength(1);
});

test("without id-token: write there is no identity to trade", async () => {
  const world = createWorld("http://127.0.0.1:9", "http://127.0.0.1:9", "", "{contents: read}");
  expect(await world.finish()).toBe("failure");
  expect(world.job("a").annotations[0]?.message).toMatch(/^Could not fetch an OIDC token\..*id-token: write/);
});

test("another account than the allowed one is refused before anything is exported", async () => {
  const issuer = await listen(() => ({ status: 200, body: JSON.stringify({ value: secrets.jwt }) }));
  const sts = await listen(() => ({ status: 200, body: ASSUMED }));
  const world = createWorld(sts.url, issuer.url, "          allowed-account-ids: '999999999999'");
  expect(await world.finish()).toBe("failure");
  expect(world.job("a").annotations[0]?.message).toMatch(/\(123456789012\) does not match any of the expected account IDs: 999999999999$/);
});

/**
 * A mail server that delivers nothing and keeps what comes in. Beside it, over HTTP: `GET /inbox` shows it, `DELETE /inbox` empties it, `POST /faults`
 * makes the server misbehave.
 */
import { SMTPServer } from "smtp-server";
import * as z from "zod";
import { readBody } from "../read-body.ts";
import { serveHttp } from "../serve-http.ts";
import { type ReadMail, readMail } from "./read-mail.ts";

export interface ReceivedMail {
  readonly at: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly messageId: string;
  readonly inReplyTo: string | null;
  readonly text: string;
  readonly html: string | null;
}

const fault = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("refuse"), status: z.int().min(400).max(599), times: z.int().optional() }),
  /** No greeting comes. */
  z.strictObject({ kind: z.literal("hang"), times: z.int().optional() }),
]);
export type MailFault = Readonly<z.output<typeof fault>>;

export interface MailServer {
  /** What an installation keeps as a secret. */
  readonly smtp: string;
  readonly url: string;
  received(): readonly ReceivedMail[];
  misbehave(fault: MailFault | null): void;
  clear(): void;
  close(): Promise<void>;
}

export interface MailOptions {
  readonly port?: number;
  readonly httpPort?: number;
}

/** The one account; a client may also send without one. */
export const ACCOUNT = { user: "holdfast", password: "of-the-sandbox-only" };

export async function serveMail({ port = 0, httpPort = 0 }: MailOptions = {}): Promise<MailServer> {
  let received: readonly ReceivedMail[] = [];
  let armed: { readonly fault: MailFault; left: number } | null = null;
  const misbehave = (next: MailFault | null) => {
    armed = next === null ? null : { fault: next, left: next.times ?? Number.POSITIVE_INFINITY };
  };
  const strike = (kind: MailFault["kind"]): MailFault | null => {
    if (armed === null || armed.fault.kind !== kind || armed.left < 1) return null;
    armed.left -= 1;
    return armed.fault;
  };

  const server = new SMTPServer({
    authOptional: true,
    allowInsecureAuth: true,
    disabledCommands: ["STARTTLS"],
    closeTimeout: 100,
    onConnect: (_session, done) => {
      if (strike("hang") === null) done();
    },
    onAuth: ({ username, password }, _session, done) => {
      if (username === ACCOUNT.user && password === ACCOUNT.password) done(null, { user: username });
      else done(new Error("Invalid username or password"));
    },
    onData: (stream, session, done) => {
      const struck = strike("refuse");
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        if (struck?.kind === "refuse") return done(Object.assign(new Error("Refused by the sandbox"), { responseCode: struck.status }));
        const { mailFrom, rcptTo } = session.envelope;
        try {
          const mail = readMail(Buffer.concat(chunks).toString());
          const from = mailFrom === false ? "" : mailFrom.address;
          received = [
            ...received,
            entryOf(
              mail,
              from,
              rcptTo.map(({ address }) => address),
            ),
          ];
          done();
        } catch (error) {
          // A mail that nobody could read would be lost without a word.
          process.stderr.write(`sandbox mail: 554 ${String(error)}\n`);
          done(Object.assign(new Error(String(error)), { responseCode: 554 }));
        }
      });
    },
  });
  // Connections that clients give up on; without a listener they would end the process.
  server.on("error", () => {});
  await new Promise<void>((resolve, reject) => {
    server.server.once("error", (cause) =>
      reject(new Error(`Port ${port} for the sandbox's mail cannot be opened: choose another, or 0 for any`, { cause })),
    );
    server.listen(port, "127.0.0.1", resolve);
  });
  const address = server.server.address();
  if (address === null || typeof address === "string") throw new Error("the sandbox's mail has no port");

  const clear = () => {
    received = [];
  };
  const http = await serveHttp("mail inbox", httpPort, async (request, response) => {
    const { method = "GET", url = "/" } = request;
    const json = (body: unknown) =>
      void response.writeHead(200, { "content-type": "application/json" }).end(`${JSON.stringify(body, null, 1)}\n`);
    if (method === "GET" && url === "/inbox") return json(received);
    if (method === "DELETE" && url === "/inbox") {
      clear();
      return json([]);
    }
    if (method === "POST" && url === "/faults") {
      const asked: unknown = JSON.parse(await readBody(request));
      misbehave(z.nullable(fault).parse(asked));
      return json(asked);
    }
    throw new Error(`the sandbox's mail inbox has no ${method} ${url}`);
  });
  return {
    smtp: `smtp://127.0.0.1:${address.port}`,
    url: http.url,
    received: () => received,
    misbehave,
    clear,
    async close() {
      await http.close();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function entryOf({ headers, text, html }: ReadMail, from: string, to: readonly string[]): ReceivedMail {
  return {
    at: new Date().toISOString(),
    from,
    to,
    subject: headers.get("subject") ?? "",
    messageId: headers.get("message-id") ?? "",
    inReplyTo: headers.get("in-reply-to") ?? null,
    text,
    html,
  };
}

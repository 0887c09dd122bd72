/** Tells people by mail, through the SMTP server whose address is a secret: it is in no error, no log and no state. */
import { createTransport } from "nodemailer";
import type { Channel, Delivery } from "./channel.ts";
import { mailBody } from "./mail-body.ts";
import type { Wording } from "./notice.ts";
import type { Mail } from "./routes.ts";

const PATIENCE_MS = 10_000;

export interface EmailOptions {
  /** `smtps://user:password@host:465` or `smtp://…`; undefined where the secret is not set. */
  readonly address: string | undefined;
  readonly mail: Mail;
  readonly wording: Wording;
  readonly patienceMs?: number;
}

export function emailChannel({ address, mail, wording, patienceMs = PATIENCE_MS }: EmailOptions): Channel {
  return {
    async send(notice, { instead }) {
      if (address === undefined) return failure(`the secret ${mail.secret} is not set`, true);
      const server = readAddress(address);
      if (server === null) return failure(`the secret ${mail.secret} holds no smtp:// or smtps:// address`, true);
      const transport = createTransport({
        ...server,
        connectionTimeout: patienceMs,
        greetingTimeout: patienceMs,
        socketTimeout: patienceMs,
        dnsTimeout: patienceMs,
        // Nothing that a notice says may make this process read a file or fetch an address.
        disableFileAccess: true,
        disableUrlAccess: true,
      });
      const id = (notice_: string) => `<${notice_}@${mail.from.slice(mail.from.lastIndexOf("@") + 1)}>`;
      try {
        await transport.sendMail({
          from: { name: "Holdfast", address: mail.from },
          to: [...mail.to],
          messageId: id(notice.id),
          ...(notice.after === null ? {} : { inReplyTo: id(notice.after), references: [id(notice.after)] }),
          // No out-of-office answers, no loops.
          headers: { "Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All" },
          ...mailBody(notice, wording, instead),
        });
        return { delivered: true };
      } catch (error) {
        return problemOf(error);
      } finally {
        transport.close();
      }
    },
  };
}

/** A password goes over an encrypted connection or not at all; only to this very machine it may go in the clear. */
function readAddress(address: string) {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null || url.hostname === "" || (url.protocol !== "smtp:" && url.protocol !== "smtps:")) return null;
  const secure = url.protocol === "smtps:";
  const local = ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  const auth = url.username === "" ? {} : { auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) } };
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? (secure ? 465 : 587) : Number(url.port),
    secure,
    requireTLS: !secure && !local,
    ignoreTLS: !secure && local,
    ...auth,
  };
}

function failure(problem: string, worthRetry: boolean): Delivery {
  return { delivered: false, problem, worthRetry, retryAfterMs: null };
}

/** Nodemailer's code and the server's number; their texts may quote credentials and addresses. */
function problemOf(error: unknown): Delivery {
  const part = (name: string): unknown => (typeof error === "object" && error !== null ? Reflect.get(error, name) : undefined);
  const code = part("code");
  const status = part("responseCode");
  const words = [typeof code === "string" && /^[A-Z_]{2,40}$/.test(code) ? code : "", typeof status === "number" ? String(status) : ""];
  // 5xx is the server's last word on this mail; wrong credentials (EAUTH) may be put right.
  const refused = typeof status === "number" && status >= 500 && code !== "EAUTH";
  return failure(`the mail server did not take it: ${words.filter((word) => word !== "").join(" ") || "no reason known"}`, !refused);
}

import { emailChannel } from "./email.ts";
import type { Wording } from "./notice.ts";
import type { Channels } from "./notifier.ts";
import type { Destination, Mail } from "./routes.ts";
import { slackChannel } from "./slack.ts";

/** The ways to the destinations. `secret` looks a secret up by its name, when it is needed: one that changes needs no restart. */
export function openChannels(secret: (name: string) => string | undefined, wording: Wording): Channels {
  const email = (mail: Mail) => emailChannel({ address: secret(mail.secret), mail, wording });
  return {
    of: (destination: Destination) =>
      destination.kind === "email"
        ? email(destination.mail)
        : slackChannel({ address: secret(destination.secret), secret: destination.secret, wording }),
    fallbackOf: (destination: Destination) =>
      destination.kind === "slack" && destination.fallback !== null ? email(destination.fallback) : null,
  };
}

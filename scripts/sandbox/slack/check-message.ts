/** What an incoming webhook accepts, and what Slack would make of it. Only the kinds of block that are declared here are known; anything else is refused. */
import * as z from "zod";

const plainText = (limit: number) =>
  z.strictObject({ type: z.literal("plain_text"), text: z.string().min(1).max(limit), emoji: z.boolean().optional() });
const mrkdwn = (limit: number) =>
  z.strictObject({ type: z.literal("mrkdwn"), text: z.string().min(1).max(limit), verbatim: z.boolean().optional() });
const anyText = (limit: number) => z.discriminatedUnion("type", [plainText(limit), mrkdwn(limit)]);

// Limits of the Block Kit reference.
const block = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("header"), text: plainText(150) }),
  z
    .strictObject({
      type: z.literal("section"),
      text: anyText(3_000).optional(),
      fields: z.array(anyText(2_000)).min(1).max(10).optional(),
    })
    .refine(({ text, fields }) => text !== undefined || fields !== undefined, "a section needs text or fields"),
  z.strictObject({ type: z.literal("context"), elements: z.array(anyText(3_000)).min(1).max(10) }),
  z.strictObject({ type: z.literal("divider") }),
]);

const message = z.strictObject({
  text: z.string().min(1).max(40_000),
  blocks: z.array(block).min(1).max(50).optional(),
  unfurl_links: z.boolean().optional(),
  unfurl_media: z.boolean().optional(),
});
export type SlackMessage = z.output<typeof message>;

export interface Checked {
  readonly message: SlackMessage | null;
  readonly problem: string | null;
}

export function checkMessage(payload: unknown): Checked {
  const { success, data, error } = message.safeParse(payload);
  if (success) return { message: data, problem: null };
  const [first] = error.issues;
  return { message: null, problem: `${first?.path.join(".") || "the payload"}: ${first?.message ?? "not a message"}` };
}

/** What Slack would read out of the parts that it interprets: whom it would call, where a click would lead. Empty for plain text. */
export interface Reads {
  readonly mentions: readonly string[];
  readonly links: readonly string[];
}

export function whatSlackReads({ text, blocks = [] }: SlackMessage): Reads {
  const parts = blocks.flatMap((each) => {
    if (each.type === "section") return [...(each.text === undefined ? [] : [each.text]), ...(each.fields ?? [])];
    return each.type === "context" ? each.elements : [];
  });
  const interpreted = [text, ...parts.filter(({ type }) => type === "mrkdwn").map((part) => part.text)];
  const angled = interpreted.flatMap((part) => [...part.matchAll(/<([^<>]*)>/g)].map((match) => match[1] ?? ""));
  return { mentions: angled.filter((each) => /^[!@#]/.test(each)), links: angled.filter((each) => !/^[!@#]/.test(each)) };
}

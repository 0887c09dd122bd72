/**
 * A notice as Slack's blocks. Foreign text stands in `plain_text` objects alone, where Slack reads no mention, link or formatting; `mrkdwn` is
 * used for our own links only.
 */
import type { IncomingWebhookSendArguments } from "@slack/webhook";
import { escapeSlack, shorten } from "../domain/index.ts";
import { type DescribedAlert, type DescribedSection, describeNotice } from "./describe-notice.ts";
import type { Notice, Wording } from "./notice.ts";

type Block = NonNullable<IncomingWebhookSendArguments["blocks"]>[number];

// Slack's limits: 150 characters in a header, 3,000 in a section, 2,000 in a field, 50 blocks.
const HEADER = 150;
const SECTION = 3_000;
const FIELD = 2_000;
const BLOCKS = 50;

export function slackMessage(notice: Notice, wording: Wording, instead: string | null): IncomingWebhookSendArguments {
  const { title, sections, more, footer } = describeNotice(notice, wording);
  const body = [...(instead === null ? [] : [section(instead)]), ...sections.flatMap((each) => sectionBlocks(each, sections.length > 1))];
  const end = [...(more === null ? [] : [section(more)]), context(footer.join(" · "))];
  return {
    text: escapeSlack(shorten(title, SECTION)),
    blocks: [{ type: "header", text: plain(title, HEADER) }, ...body.slice(0, BLOCKS - end.length - 1), ...end],
    unfurl_links: false,
    unfurl_media: false,
  };
}

function sectionBlocks({ heading, alerts, others, guide, runbook }: DescribedSection, withHeading: boolean): Block[] {
  return [
    ...(withHeading ? [section(heading)] : []),
    ...alerts.flatMap((alert) => alertBlocks(alert, runbook)),
    ...(others === null ? [] : [section(others)]),
    ...(guide === null
      ? []
      : [
          section(
            [guide.explanation, list("Likely causes", guide.causes), list("First steps", guide.steps)]
              .filter((part) => part !== "")
              .join("\n\n"),
          ),
        ]),
  ];
}

function alertBlocks({ facts, excerpt, page }: DescribedAlert, runbook: string | null): Block[] {
  const links = [...(page === null ? [] : [link(page, "Open the alert")]), ...(runbook === null ? [] : [link(runbook, "Runbook")])];
  return [
    { type: "section", fields: facts.map(({ name, value }) => plain(`${name}: ${value}`, FIELD)) },
    ...(excerpt === "" ? [] : [section(excerpt)]),
    ...(links.length === 0 ? [] : [{ type: "section", text: { type: "mrkdwn", text: links.join("  ·  "), verbatim: true } } as const]),
  ];
}

function list(title: string, items: readonly string[]): string {
  return items.length === 0 ? "" : `${title}\n${items.map((item) => `• ${item}`).join("\n")}`;
}

function section(text: string): Block {
  return { type: "section", text: plain(text, SECTION) };
}

function context(text: string): Block {
  return { type: "context", elements: [plain(text, FIELD)] };
}

function plain(text: string, limit: number) {
  return { type: "plain_text", text: shorten(text, limit), emoji: false } as const;
}

/** A link of ours; what is no web address, or could end the link early, is shown as nothing at all. */
function link(url: string, label: string): string {
  return /^https?:\/\/[^\s<>|]+$/.test(url) ? `<${escapeSlack(url)}|${label}>` : label;
}

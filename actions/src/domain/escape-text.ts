/**
 * One function a target: what others wrote as each of them shows it literally. All but Markdown's expect nothing of their input; apply them last,
 * to whole values, once.
 */
import { visible } from "./visible.ts";

/** For `mrkdwn` and top-level `text` of Slack, by its own rule: only these three begin mentions and links. Foreign text belongs into `plain_text` objects, which need none of it. */
export function escapeSlack(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** For HTML, in text and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"'`]/g, (char) => `&#${char.charCodeAt(0)};`);
}

/** Text as Markdown shows it literally: what people or databases wrote never becomes markup. */
export function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]<>()#+!|~&@-]/g, (char) => `&#${char.charCodeAt(0)};`).replace(/\s+/g, " ");
}

/** For Markdown, in one line: literally, where GitHub makes no mention, link or reference of it either. */
export function codeSpan(text: string): string {
  const shown = visible(text).replace(/\s+/g, " ");
  const fence = fenceOf(shown, 1);
  return `${fence} ${shown === "" ? "(nothing)" : shown} ${fence}`;
}

/** For Markdown, in lines of their own: the same. */
export function codeBlock(text: string): string {
  const shown = text.split("\n").map(visible).join("\n");
  const fence = fenceOf(shown, 3);
  return `${fence}text\n${shown}\n${fence}`;
}

/** Longer than any run of backticks in it, so that nothing in it can end it. */
function fenceOf(text: string, shortest: number): string {
  const longest = Math.max(0, ...(text.match(/`+/g) ?? []).map(({ length }) => length));
  return "`".repeat(Math.max(shortest, longest + 1));
}

/**
 * A line for the log of a job. The runner obeys `::` at the beginning of a line and `##[` anywhere, so the line gets a beginning of its own and
 * the brackets are parted.
 */
export function workflowLogLine(text: string): string {
  return `| ${visible(text).replaceAll("##[", "# #[")}`;
}

/** A field of a CSV file that a spreadsheet shows as text: what could be a formula gets an apostrophe before it. */
export function csvField(text: string): string {
  const shown = visible(text);
  const inert = /^\s*[=+\-@|%]/.test(text) || /^[\t\r\n]/.test(text) ? `'${shown}` : shown;
  return `"${inert.replaceAll('"', '""')}"`;
}

/** A notice as a mail: text and HTML say the same. The HTML loads nothing and holds foreign text as escaped text alone. */
import { escapeHtml } from "../domain/index.ts";
import { type Described, type DescribedSection, describeNotice } from "./describe-notice.ts";
import type { Notice, Wording } from "./notice.ts";

export interface MailBody {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

// Mail clients cut longer subjects.
const SUBJECT = 200;

export function mailBody(notice: Notice, wording: Wording, instead: string | null): MailBody {
  const described = describeNotice(notice, wording);
  return { subject: `[Holdfast] ${described.title}`.slice(0, SUBJECT), text: textOf(described, instead), html: htmlOf(described, instead) };
}

function textOf({ title, sections, more, footer }: Described, instead: string | null): string {
  const parts = [
    title,
    ...(instead === null ? [] : [instead]),
    ...sections.flatMap((section) => sectionText(section, sections.length > 1)),
    ...(more === null ? [] : [more]),
    // Mail programs know this line as the beginning of a signature.
    `-- \n${footer.join("\n")}`,
  ];
  return `${parts.join("\n\n")}\n`;
}

function sectionText({ heading, alerts, others, guide, runbook }: DescribedSection, withHeading: boolean): string[] {
  return [
    ...(withHeading ? [`== ${heading}`] : []),
    ...alerts.flatMap(({ facts, excerpt, page }) => [
      facts.map(({ name, value }) => `${`${name}:`.padEnd(10)} ${value}`).join("\n"),
      ...(excerpt === "" ? [] : [excerpt.replace(/^/gm, "    ")]),
      ...(page === null ? [] : [`Alert:     ${page}`]),
    ]),
    ...(runbook === null ? [] : [`Runbook:   ${runbook}`]),
    ...(others === null ? [] : [others]),
    ...(guide === null ? [] : [guide.explanation, ...listText("Likely causes", guide.causes), ...listText("First steps", guide.steps)]),
  ];
}

function listText(title: string, items: readonly string[]): string[] {
  return items.length === 0 ? [] : [`${title}:\n${items.map((item) => `  * ${item}`).join("\n")}`];
}

function htmlOf({ title, sections, more, footer }: Described, instead: string | null): string {
  const body = [
    `<h2>${escapeHtml(title)}</h2>`,
    ...(instead === null ? [] : [`<p><strong>${escapeHtml(instead)}</strong></p>`]),
    ...sections.flatMap((section) => sectionHtml(section, sections.length > 1)),
    ...(more === null ? [] : [`<p>${escapeHtml(more)}</p>`]),
    `<hr><p><small>${footer.map(escapeHtml).join("<br>")}</small></p>`,
  ];
  return `<!doctype html><html><head><meta charset="utf-8"></head><body>${body.join("\n")}</body></html>\n`;
}

function sectionHtml({ heading, alerts, others, guide, runbook }: DescribedSection, withHeading: boolean): string[] {
  return [
    ...(withHeading ? [`<h3>${escapeHtml(heading)}</h3>`] : []),
    ...alerts.flatMap(({ facts, excerpt, page }) => [
      `<table>${facts.map(({ name, value }) => `<tr><th align="left">${escapeHtml(name)}</th><td>${escapeHtml(value)}</td></tr>`).join("")}</table>`,
      ...(excerpt === "" ? [] : [`<pre>${escapeHtml(excerpt)}</pre>`]),
      ...(page === null ? [] : [linkHtml(page, "Open the alert")]),
    ]),
    ...(runbook === null ? [] : [linkHtml(runbook, "Runbook")]),
    ...(others === null ? [] : [`<p>${escapeHtml(others)}</p>`]),
    ...(guide === null
      ? []
      : [`<p>${escapeHtml(guide.explanation)}</p>`, ...listHtml("Likely causes", guide.causes), ...listHtml("First steps", guide.steps)]),
  ];
}

function listHtml(title: string, items: readonly string[]): string[] {
  return items.length === 0
    ? []
    : [`<p><strong>${title}</strong></p><ul>${items.map((item) => `<li>${escapeHtml(item)}</li>`).join("")}</ul>`];
}

function linkHtml(url: string, label: string): string {
  return /^https?:\/\//.test(url) ? `<p><a href="${escapeHtml(url)}">${label}</a></p>` : "";
}

import { type Facts, isUnread } from "./facts.ts";
import { type Finding, fail, pass, unknown, warn } from "./finding.ts";

const ON = "Pages";

/** Where the page is served from. */
export function checkPages({ pages, repository }: Facts): readonly Finding[] {
  if (isUnread(pages)) return [unknown("pages", ON, pages)];
  const fix = `${repository.url}/settings/pages`;
  if (pages === null)
    return [warn("pages", ON, "serves nothing here: people need the page somewhere, or the command line and GitHub's own forms", fix)];
  const source = pages.branch === null || pages.branch === "production";
  return [
    pages.status === "errored" ? fail("pages", ON, "failed to build last time", fix) : pass("pages", ON, "serves the page"),
    pages.https
      ? pass("pages-https", ON, "answers over https only")
      : fail("pages-https", ON, "also answers without encryption, and people sign in there", fix),
    pages.buildType === "workflow" || source
      ? pass("pages-source", ON, pages.buildType === "workflow" ? "takes what a workflow deploys" : "takes branch production")
      : fail("pages-source", ON, `takes branch ${pages.branch}: whoever may push there writes the page that people sign in to`, fix),
    pages.domain === null
      ? warn(
          "pages-domain",
          ON,
          "shares its origin with every other site of its owner: their scripts could read what a tab keeps",
          "Give it a domain of its own, or an owner without other sites",
        )
      : pass("pages-domain", ON, `has an origin of its own, ${pages.domain}`),
  ];
}

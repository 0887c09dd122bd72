import { type Config, guideOf } from "../domain/index.ts";
import type { Wording } from "./notice.ts";

export interface Places {
  /** Where the page is deployed, without a slash at its end; null where it is not. */
  readonly page: string | null;
  /** Where the repository's files can be read, `https://github.com/acme/holdfast/blob/main`; null outside of a repository. */
  readonly files: string | null;
}

/** The words for notices: each rule's own guide, addresses that exist, and the zone of the app. */
export function wordingOf({ apps, rules }: Pick<Config, "apps" | "rules">, { page, files }: Places): Wording {
  return {
    guide: (rule) => guideOf(rule, rules),
    alertPage: (id) => (page === null ? null : `${page}/#/alerts/${encodeURIComponent(id)}`),
    runbook(rule) {
      const { runbook } = guideOf(rule, rules);
      if (runbook === null || /^https?:/.test(runbook)) return runbook;
      return files === null ? null : `${files}/${encodeURI(runbook)}`;
    },
    timeZone: (app) => apps.find(({ name }) => name === app)?.timezone ?? "UTC",
  };
}

import { type Config, guideOf } from "../domain/index.ts";
import type { Wording } from "./notice.ts";

export interface Places {
  /** Where the page is deployed, without a slash at its end; null where it is not. */
  readonly page: string | null;
  /** Where the repository's files can be read, `https://github.com/acme/holdfast/blob/main`; null outside of a repository. */
  readonly files: string | null;
}

/** The words for notices: each rule's own guide, and addresses that exist. */
export function wordingOf({ rules }: Pick<Config, "rules">, { page, files }: Places): Wording {
  return {
    guide(rule) {
      const { title, explanation, causes, steps } = guideOf(rule, rules);
      return { title, meaning: explanation, causes, steps };
    },
    alertPage: (id) => (page === null ? null : `${page}/#/alerts/${id}`),
    runbook(rule) {
      const { runbook } = guideOf(rule, rules);
      if (runbook === null || /^https?:/.test(runbook)) return runbook;
      return files === null ? null : `${files}/${runbook}`;
    },
    timeZone: "UTC",
  };
}

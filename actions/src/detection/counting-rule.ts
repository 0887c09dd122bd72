import type { CustomRule } from "../domain/index.ts";
import type { Event } from "./event.ts";
import type { Rule } from "./rule.ts";

type Wanted = string | readonly string[];
const FIELDS = ["actor", "ip", "target", "table", "source", "migration"] as const;

/** A rule that a team wrote in `holdfast.yml`. Unknown actors count as no administrators; no override hides it unless it says so. */
export function countingRule(id: string, setting: CustomRule): Rule {
  const { where } = setting;
  return {
    id,
    severity: setting.severity,
    threshold: setting.threshold,
    within: setting.within,
    key: setting.key,
    kinds: setting.count,
    weigh: setting.weigh,
    admin: setting.admin ?? "any",
    override: setting.override ?? "none",
    matches: (event) =>
      (where.destructive === undefined || event.destructive === where.destructive) &&
      FIELDS.every((field) => where[field] === undefined || isWanted(where[field], event[field])),
  };
}

function isWanted(wanted: Wanted, found: Event[(typeof FIELDS)[number]]): boolean {
  if (found === null) return false;
  const texts = typeof wanted === "string" ? [wanted] : wanted;
  return texts.some((text) => (text.endsWith("*") ? found.startsWith(text.slice(0, -1)) : found === text));
}

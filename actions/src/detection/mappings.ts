/** A team's own lines as events. Patterns run on a linear-time engine: whoever writes a line cannot make one slow. */
import { RE2JS } from "re2js";
import { EVENT_KINDS, type EventKind, type EventMapping, InvalidInput } from "../domain/index.ts";
import { type Clue, clue } from "./clue.ts";
import { NOTHING, type Sighting, sighting } from "./formats/format.ts";
import { canonicalAddress } from "./grammar/address.ts";
import { readIso } from "./grammar/clock.ts";

export interface Mapping {
  /** Null: such a line says nothing. */
  readonly kind: EventKind | null;
  readonly pattern: RE2JS;
  readonly groups: readonly string[];
  readonly contains: string | null;
}

const GROUPS = ["actor", "ip", "target", "table", "rows", "migration", "reason", "until"] as const;
type Group = (typeof GROUPS)[number];

/** Throws InvalidInput with every pattern that is none and every group that no event has. */
export function compileMappings(mappings: readonly EventMapping[], path: string): readonly Mapping[] {
  const compiled = mappings.map(({ kind, pattern, contains }, index) => {
    const where = `${path}[${index}].pattern`;
    try {
      const expression = RE2JS.compile(pattern);
      const groups = Object.keys(expression.namedGroups());
      const unknown = groups.filter((group) => !isGroup(group));
      const problems = unknown.map((group) => ({ path: where, found: `a group named "${group}"`, allowed: GROUPS.join(", ") }));
      return { mapping: { kind: isKind(kind) ? kind : null, pattern: expression, groups, contains: contains ?? null }, problems };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return {
        mapping: null,
        problems: [{ path: where, found: JSON.stringify(pattern), allowed: `a regular expression in RE2 syntax (${reason})` }],
      };
    }
  });
  const problems = compiled.flatMap((each) => each.problems);
  if (problems.length > 0) throw new InvalidInput("holdfast.yml", problems);
  return compiled.flatMap(({ mapping }) => mapping ?? []);
}

/** What a line that the mapping reads holds; null where it does not say, or too little to be looked for. */
export function clueOf({ kind, contains }: Pick<Mapping, "kind" | "contains">): Clue | null {
  const bytes = contains === null ? 0 : new TextEncoder().encode(contains).length;
  return contains === null || bytes < 3 || bytes > 255 ? null : clue(kind, [contains]);
}

/** What the first mapping that fits says of a line; null where none fits. */
export function tellMapped(text: string, mappings: readonly Mapping[]): readonly Sighting[] | null {
  for (const { kind, pattern, groups, contains } of mappings) {
    if (contains !== null && !text.includes(contains)) continue;
    const matcher = pattern.matcher(text);
    if (!matcher.find()) continue;
    if (kind === null) return NOTHING;
    const get = (name: Group): string | null => (groups.includes(name) ? (matcher.group(name) ?? null) : null);
    const rows = get("rows");
    const count = rows !== null && /^\d{1,15}$/.test(rows) ? Number(rows) : null;
    const until = readIso(get("until") ?? "", 0);
    return [
      sighting(kind, "mapping", {
        // The team chose the pattern and answers for what can write such a line.
        trusted: true,
        happened: count !== 0,
        actor: get("actor"),
        ip: canonicalAddress(get("ip") ?? ""),
        target: get("target"),
        table: get("table"),
        rows: count,
        migration: get("migration"),
        override: kind === "override-on" ? { reason: get("reason"), until: until?.zone === "offset" ? until.ms : null } : null,
      }),
    ];
  }
  return null;
}

function isGroup(name: string): name is Group {
  return GROUPS.some((group) => group === name);
}

function isKind(kind: EventMapping["kind"]): kind is EventKind {
  return EVENT_KINDS.some((each) => each === kind);
}

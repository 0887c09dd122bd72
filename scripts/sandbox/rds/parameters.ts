import { refuse } from "./refusal.ts";

export interface Tag {
  readonly key: string;
  readonly value: string;
}

export interface Filter {
  readonly name: string;
  readonly values: readonly string[];
}

/** Tag keys and values: letters, digits, space and these signs (Aurora guide, "Tagging Amazon Aurora resources"). */
const tagText = /^[\p{L}\p{N} _.:/=+@-]*$/u;
const tagLimit = 50;

/** The form of one request. Every parameter has to be read before `finish`, so that none is ever ignored in silence. */
export class Parameters {
  readonly action: string;
  readonly #form: URLSearchParams;
  readonly #read = new Set(["Action", "Version"]);

  constructor(form: URLSearchParams) {
    this.#form = form;
    this.action = form.get("Action") ?? "";
  }

  text(name: string): string | undefined {
    this.#read.add(name);
    return this.#form.get(name) ?? undefined;
  }

  required(name: string): string {
    const value = this.text(name);
    if (value === undefined || value === "") throw refuse.missing(name);
    return value;
  }

  flag(name: string): boolean | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (value !== "true" && value !== "false") throw refuse.value(`Invalid value ${value} for ${name}: true or false`);
    return value === "true";
  }

  integer(name: string, least: number, most: number): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const number = Number(value);
    if (!Number.isInteger(number) || number < least || number > most)
      throw refuse.value(`Invalid value ${value} for ${name}. Must be between ${least} and ${most}`);
    return number;
  }

  time(name: string): Date | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const time = new Date(value);
    if (Number.isNaN(time.getTime())) throw refuse.value(`Invalid value ${value} for ${name}: a time such as 2026-11-20T11:03:12Z`);
    return time;
  }

  /** `Name.Member.1`, `Name.Member.2`, ... An empty list is `Name=`. */
  list(name: string, member: string): readonly string[] | undefined {
    if (this.text(name) === "") return [];
    const values: string[] = [];
    for (let index = 1; ; index++) {
      const value = this.text(`${name}.${member}.${index}`);
      if (value === undefined) break;
      values.push(value);
    }
    return values.length > 0 ? values : undefined;
  }

  /** An identifier, lower case as RDS stores it. */
  identifier(name: string, longest = 63): string {
    const value = this.required(name).toLowerCase();
    if (value.length > longest || !/^[a-z](?!.*--)[a-z0-9-]*$/.test(value) || value.endsWith("-")) {
      throw refuse.value(
        `Invalid value ${value} for ${name}: 1 to ${longest} letters, digits and hyphens, a letter first, no hyphen at the end, no two hyphens together`,
      );
    }
    return value;
  }

  tags(): readonly Tag[] | undefined {
    if (this.text("Tags") === "") return [];
    const tags = new Map<string, string>();
    for (let index = 1; ; index++) {
      const key = this.text(`Tags.Tag.${index}.Key`);
      const value = this.text(`Tags.Tag.${index}.Value`) ?? "";
      if (key === undefined) break;
      if (key.length < 1 || key.length > 128 || !tagText.test(key) || /^(aws|rds):/i.test(key))
        throw refuse.value(`Invalid tag key ${key}: 1 to 128 letters, digits, spaces and _ . : / = + - @, not beginning with aws: or rds:`);
      if (value.length > 256 || !tagText.test(value))
        throw refuse.value(`Invalid value of tag ${key}: ${value}: up to 256 letters, digits, spaces and _ . : / = + - @`);
      tags.set(key, value);
    }
    return tags.size > 0 ? withinLimit([...tags].map(([key, value]) => ({ key, value }))) : undefined;
  }

  filters(allowed: readonly string[]): readonly Filter[] {
    if (this.text("Filters") === "") return [];
    const filters: Filter[] = [];
    for (let index = 1; ; index++) {
      const name = this.text(`Filters.Filter.${index}.Name`);
      if (name === undefined) return filters;
      if (!allowed.includes(name)) throw refuse.value(`Unrecognized filter name: ${name}. Allowed: ${allowed.join(", ")}`);
      filters.push({ name, values: this.list(`Filters.Filter.${index}.Values`, "Value") ?? [] });
    }
  }

  finish(): void {
    const unread = [...this.#form.keys()].filter((name) => !this.#read.has(name));
    if (unread.length > 0) throw refuse.unserved(`parameter ${unread.join(", ")} of ${this.action}`);
  }
}

export function withinLimit(tags: readonly Tag[]): readonly Tag[] {
  if (tags.length > tagLimit) throw refuse.value(`A resource takes up to ${tagLimit} tags, ${tags.length} were given`);
  return tags;
}

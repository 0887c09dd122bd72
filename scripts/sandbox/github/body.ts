import { invalid } from "./answer.ts";

/** Reads a request's JSON object field by field and refuses in GitHub's words; a key that no route reads is refused too. */
export interface Body {
  text(name: string): string;
  optionalText(name: string): string | undefined;
  flag(name: string, fallback: boolean): boolean;
  list(name: string): readonly unknown[] | undefined;
  body(name: string): Body | undefined;
  has(name: string): boolean;
  raw(name: string): unknown;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const shown = (value: unknown): string => (value === null ? "nil" : JSON.stringify(value));

export function readBody(value: unknown, permitted: readonly string[] | "any", where = ""): Body {
  if (!isObject(value)) throw invalid(`For '${where || "links/0/schema"}', ${shown(value)} is not an object.`);
  const at = (name: string): string => (where === "" ? `properties/${name}` : `${where}/${name}`);
  if (permitted !== "any") {
    const stranger = Object.keys(value).find((key) => !permitted.includes(key));
    if (stranger !== undefined) throw invalid(`"${stranger}" is not a permitted key.`);
  }
  const wrong = (name: string, kind: string) => invalid(`For '${at(name)}', ${shown(value[name])} is not ${kind}.`);
  const optionalText = (name: string): string | undefined => {
    const found = value[name];
    if (found === undefined) return undefined;
    if (typeof found !== "string") throw wrong(name, "a string");
    return found;
  };
  return {
    optionalText,
    text(name) {
      const found = optionalText(name);
      if (found === undefined) throw invalid(`"${name}" wasn't supplied.`);
      return found;
    },
    flag(name, fallback) {
      const found = value[name];
      if (found === undefined) return fallback;
      if (typeof found !== "boolean") throw wrong(name, "a boolean");
      return found;
    },
    list(name) {
      const found = value[name];
      if (found === undefined) return undefined;
      if (!Array.isArray(found)) throw wrong(name, "an array");
      return found;
    },
    body(name) {
      return value[name] === undefined ? undefined : readBody(value[name], "any", at(name));
    },
    has: (name) => value[name] !== undefined,
    raw: (name) => value[name],
  };
}

/** Fields of a JSON record, nested (`{"user":{"name":…}}`) or flat (`{"user.name":…}`), own properties only. */

export type Fields = Readonly<Record<string, unknown>>;

/** Null for anything but an object. */
export function parseFields(text: string): Fields | null {
  try {
    const value: unknown = JSON.parse(text);
    return isFields(value) ? value : null;
  } catch {
    return null;
  }
}

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function fieldOf(fields: Fields, path: string): unknown {
  if (Object.hasOwn(fields, path)) return fields[path];
  const dot = path.indexOf(".");
  if (dot === -1) return undefined;
  const inner = Object.hasOwn(fields, path.slice(0, dot)) ? fields[path.slice(0, dot)] : undefined;
  return isFields(inner) ? fieldOf(inner, path.slice(dot + 1)) : undefined;
}

/** The first of these fields that holds text or a number, as text. */
export function textOf(fields: Fields, paths: readonly string[]): string | null {
  for (const path of paths) {
    const value = fieldOf(fields, path);
    if (typeof value === "string" && value !== "") return value;
    if (typeof value === "number" && Number.isFinite(value)) return String(value);
  }
  return null;
}

export function numberOf(fields: Fields, paths: readonly string[]): number | null {
  for (const path of paths) {
    const value = fieldOf(fields, path);
    const number = typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : value;
    if (typeof number === "number" && Number.isSafeInteger(number) && number >= 0) return number;
  }
  return null;
}

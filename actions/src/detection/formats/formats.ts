/** The formats, and which of them a line can belong to by its first character: most of the work for a line is not done at all. */
import type { Format, FormatName } from "./format.ts";
import { json } from "./json.ts";
import { python } from "./python.ts";
import { werkzeug } from "./werkzeug.ts";

/** In the order in which a line is offered to them: the most particular first. */
export const FORMATS: readonly Format[] = [json, werkzeug, python];

/** The formats whose lines stand in one stream with those of the named one. */
const TOGETHER: Partial<Record<FormatName, readonly FormatName[]>> = {
  werkzeug: ["python", "json"],
  gunicorn: ["access", "python", "json"],
  uvicorn: ["python", "json"],
  hypercorn: ["access", "python", "json"],
  json: ["gunicorn", "access", "uvicorn"],
  spring: ["access", "json", "hibernate", "flyway", "liquibase"],
  alembic: ["python"],
};

export function formatsFor(name: FormatName | "auto"): readonly Format[] {
  if (name === "auto") return FORMATS;
  const names: readonly FormatName[] = [name, ...(TOGETHER[name] ?? [])];
  return FORMATS.filter((format) => names.includes(format.name));
}

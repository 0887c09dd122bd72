/** The formats, and which of them a line can belong to by its first character: most of the work for a line is not done at all. */
import type { FormatName } from "../../domain/index.ts";
import { access } from "./access.ts";
import { alembic } from "./alembic.ts";
import { django } from "./django.ts";
import { flyway } from "./flyway.ts";
import type { Format } from "./format.ts";
import { gunicorn } from "./gunicorn.ts";
import { hibernate } from "./hibernate.ts";
import { hypercorn } from "./hypercorn.ts";
import { json } from "./json.ts";
import { liquibase } from "./liquibase.ts";
import { logfmt } from "./logfmt.ts";
import { mysqlAudit } from "./mysql-audit.ts";
import { mysqlError } from "./mysql-error.ts";
import { postgres } from "./postgres.ts";
import { python } from "./python.ts";
import { spring } from "./spring.ts";
import { syslog } from "./syslog.ts";
import { uvicorn } from "./uvicorn.ts";
import { werkzeug } from "./werkzeug.ts";

/** In the order in which a line is offered to them: the most particular first. */
export const FORMATS: readonly Format[] = [
  json,
  logfmt,
  werkzeug,
  access,
  hypercorn,
  gunicorn,
  postgres,
  spring,
  mysqlAudit,
  mysqlError,
  syslog,
  uvicorn,
  python,
  alembic,
  flyway,
  liquibase,
  hibernate,
  django,
];

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

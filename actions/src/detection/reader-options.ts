import type { Config } from "../domain/index.ts";
import { compileMappings } from "./mappings.ts";
import type { ReaderOptions } from "./reader.ts";

/** How the logs of an app are read, or of none: as documented. Throws InvalidInput for a pattern in `holdfast.yml` that is none. */
export function readerOptions(
  app: Config["apps"][number] | undefined,
): Omit<ReaderOptions, "source" | "reference" | "occurrences" | "state"> {
  if (app === undefined) return { format: "auto", timezone: null, admin: { actors: [], paths: [] }, overridesFrom: [] };
  return {
    format: app.format,
    timezone: app.timezone,
    admin: app.admin,
    overridesFrom: app.overridesFrom,
    mappings: compileMappings(app.events, `apps.${app.name}.events`),
    ...(app.accessLog === undefined ? {} : { accessLog: app.accessLog }),
  };
}

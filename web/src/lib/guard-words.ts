import { formatDuration, type Guard } from "@holdfast/actions/domain";
import { counted } from "./counted.ts";

/** What a guard against mass changes allows, in one sentence. */
export function describeLimits({ rows, windowRows, windowSeconds, percent, leastRows, observe }: NonNullable<Guard["limits"]>): string {
  const share = percent === null ? "" : `, nor ${percent} % of the table (${counted(leastRows, "row")} are never too many)`;
  const limits = `${counted(rows, "row")} in one transaction, ${windowRows} by one role in ${formatDuration(windowSeconds * 1_000)}${share}`;
  return observe ? `Only says in the log what would be more than ${limits}.` : `Refuses to change more than ${limits}.`;
}

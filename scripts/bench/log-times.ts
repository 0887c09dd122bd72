const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"] as const;

/** `[2026-03-02 08:04:49,123]`, `2026-03-02T08:04:49.123Z` and `02/Mar/2026:08:04:49 +0000` without their brackets, all UTC. */
export function formatInstant(at: number, style: "flask" | "spring" | "http"): string {
  const iso = new Date(at).toISOString();
  if (style === "spring") return iso;
  if (style === "flask") return `${iso.slice(0, 10)} ${iso.slice(11, 19)},${iso.slice(20, 23)}`;
  return `${iso.slice(8, 10)}/${MONTHS[Number(iso.slice(5, 7)) - 1]}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`;
}

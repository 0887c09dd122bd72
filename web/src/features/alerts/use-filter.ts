import { useLocation, useSearch } from "wouter";
import { type AlertFilter, readFilter, writeFilter } from "../../lib/filter-alerts.ts";

/** The filter lives in the address, before the #, so that a view can be sent to somebody and survives a reload. */
export function useFilter(): readonly [AlertFilter, (filter: AlertFilter) => void] {
  const search = useSearch();
  const [, navigate] = useLocation();
  return [readFilter(search), (filter) => navigate(`/alerts?${writeFilter(filter)}`, { replace: true })];
}

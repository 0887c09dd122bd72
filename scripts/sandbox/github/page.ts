import type { Answer } from "./answer.ts";
import { ok } from "./answer.ts";
import type { OpenCall } from "./route.ts";

const defaultSize = 30;
const largestSize = 100;

export interface Page {
  readonly number: number;
  readonly size: number;
  readonly skip: number;
}

export function pageOf(call: OpenCall): Page {
  const read = (name: string, fallback: number) => {
    const text = call.query.get(name);
    return text !== null && /^[1-9]\d{0,6}$/.test(text) ? Number(text) : fallback;
  };
  const size = Math.min(largestSize, read("per_page", defaultSize));
  const number = read("page", 1);
  return { number, size, skip: (number - 1) * size };
}

/** GitHub's Link header: only the relations that exist, absent when everything fits on one page. */
export function linkHeader(call: OpenCall, api: string, total: number): Record<string, string> {
  const { number, size } = pageOf(call);
  const last = Math.max(1, Math.ceil(total / size));
  const link = (page: number, rel: string) => {
    const query = new URLSearchParams(call.query);
    query.set("page", String(page));
    return `<${api}${call.path}?${query}>; rel="${rel}"`;
  };
  const links = [
    ...(number > 1 ? [link(Math.min(number - 1, last), "prev")] : []),
    ...(number < last ? [link(number + 1, "next"), link(last, "last")] : []),
    ...(number > 1 ? [link(1, "first")] : []),
  ];
  return links.length === 0 ? {} : { Link: links.join(", ") };
}

export function pagedList<T>(call: OpenCall, api: string, items: readonly T[], toJson: (item: T) => unknown): Answer {
  const { skip, size } = pageOf(call);
  return ok(items.slice(skip, skip + size).map(toJson), linkHeader(call, api, items.length));
}

/** The numbers of a guard as people write them, on the page and in a terminal alike. Each throws RangeError naming the field. */
import { durationMs, durationText } from "./duration.ts";
import { parse, showValue } from "./problem.ts";

export function readCount(field: string, text: string): number {
  if (!/^[1-9]\d{0,11}$/.test(text)) throw new RangeError(`${field} is ${showValue(text)}; allowed: a whole number from 1 to 999999999999`);
  return Number(text);
}

export function readPercent(field: string, text: string): string {
  if (!(/^\d{1,2}(\.\d{1,2})?$|^100$/.test(text) && Number(text) > 0))
    throw new RangeError(`${field} is ${showValue(text)}; allowed: more than 0 and at most 100, with up to two decimals`);
  return text;
}

// A window is summed with every statement, and counts are kept as long; an override longer than a day's work is no exception any more.
const LONGEST_S = 86_400;

/** A duration such as `60s`, in seconds. Throws InvalidInput for what is none. */
export function readSeconds(field: string, text: string): number {
  const length = durationMs(parse(durationText, text, field)) / 1_000;
  if (!Number.isInteger(length) || length > LONGEST_S)
    throw new RangeError(`${field} is ${showValue(text)}; allowed: whole seconds up to a day, for example 60s, 15m or 24h`);
  return length;
}

import { ApiError, invalid } from "./answer.ts";
import { isObject } from "./body.ts";
import type { DispatchInput } from "./engine-seam.ts";

/** Checks the inputs of a dispatch as GitHub does and fills in the defaults. Pure. */

type Value = string | boolean | number;

// GitHub's documented limits: 25 inputs since December 2025; 65,535 characters of compact JSON for all of them.
const mostInputs = 25;
const largestPayload = 65_535;

export function checkInputs(declared: readonly DispatchInput[], given: unknown): Readonly<Record<string, Value>> {
  const inputs = given ?? {};
  if (!isObject(inputs)) throw invalid(`For 'properties/inputs', ${JSON.stringify(given)} is not an object.`);
  const names = Object.keys(inputs);
  if (names.length > mostInputs) throw invalid(`No more than ${mostInputs} properties are allowed; ${names.length} were supplied.`);
  if (JSON.stringify(inputs).length > largestPayload) throw new ApiError(422, "inputs are too large.");
  const strangers = names.filter((name) => !declared.some((input) => input.name === name));
  if (strangers.length > 0) throw new ApiError(422, `Unexpected inputs provided: ${JSON.stringify(strangers)}`);
  return Object.fromEntries(declared.map((input) => [input.name, readInput(input, inputs[input.name])]));
}

function readInput(input: DispatchInput, given: unknown): Value {
  const missing = () => new ApiError(422, `Required input '${input.name}' not provided`);
  if (given === undefined || given === null) {
    if (input.default !== null) return input.default;
    if (input.required) throw missing();
    return empty(input);
  }
  if (typeof given !== "string" && typeof given !== "boolean" && typeof given !== "number") {
    throw invalid(`For 'properties/inputs/${input.name}', ${JSON.stringify(given)} is not a string.`);
  }
  const text = String(given);
  if (text === "" && input.required) throw missing();
  const notAllowed = () => new ApiError(422, `Provided value '${text}' for input '${input.name}' not in the list of allowed values`);
  switch (input.type) {
    case "choice":
      if (!input.options.includes(text)) throw notAllowed();
      return text;
    case "boolean":
      if (text !== "true" && text !== "false") throw notAllowed();
      return text === "true";
    case "number": {
      const number = Number(text);
      if (text.trim() === "" || !Number.isFinite(number))
        throw new ApiError(422, `Provided value '${text}' for input '${input.name}' is not a number`);
      return number;
    }
    default:
      return text;
  }
}

/** What an input is that nobody gave: a boolean is false, a choice its first option, a number nothing. */
function empty(input: DispatchInput): Value {
  if (input.type === "boolean") return false;
  if (input.type === "choice") return input.options[0] ?? "";
  return "";
}

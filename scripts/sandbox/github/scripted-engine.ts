import { parse } from "yaml";
import { isObject } from "./body.ts";
import {
  type DispatchInput,
  type Engine,
  type EventName,
  type RunHost,
  type RunRecord,
  type RunStatus,
  UnsupportedWorkflow,
} from "./engine-seam.ts";

/** An engine that executes nothing: it reads the few keys the tests write and lets the test report what a run does. */

export interface ScriptedEngine extends Engine {
  readonly started: { readonly host: RunHost; readonly run: RunRecord }[];
  readonly cancelled: number[];
  readonly recovered: (RunRecord & { readonly status: RunStatus })[];
}

const eventNames: readonly EventName[] = ["workflow_dispatch", "schedule", "push"];
const inputTypes = ["string", "boolean", "choice", "number", "environment"] as const;

const texts = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);
const objectIn = (value: unknown, key: string): Readonly<Record<string, unknown>> => {
  const found = isObject(value) ? value[key] : undefined;
  return isObject(found) ? found : {};
};

function readInput(name: string, value: unknown): DispatchInput {
  const given = isObject(value) ? value : {};
  const fallback = given.default;
  return {
    name,
    type: inputTypes.find((type) => type === given.type) ?? "string",
    required: given.required === true,
    default: typeof fallback === "string" || typeof fallback === "boolean" || typeof fallback === "number" ? fallback : null,
    options: texts(given.options),
  };
}

export function createScriptedEngine(): ScriptedEngine {
  const started: ScriptedEngine["started"] = [];
  const cancelled: number[] = [];
  const recovered: ScriptedEngine["recovered"] = [];
  return {
    started,
    cancelled,
    recovered,
    plan(text, path) {
      const document: unknown = parse(text);
      if (!isObject(document) || !isObject(document.on)) throw new Error(`${path}: no 'on'`);
      if (document.strategy !== undefined) throw new UnsupportedWorkflow(`${path}: the key strategy is not supported`);
      const { on } = document;
      const inputs = objectIn(on.workflow_dispatch, "inputs");
      const crons = Array.isArray(on.schedule) ? on.schedule.map((entry: unknown) => (isObject(entry) ? String(entry.cron) : "")) : [];
      const push = "push" in on ? { branches: texts(objectIn(on, "push").branches), paths: texts(objectIn(on, "push").paths) } : null;
      return {
        name: typeof document.name === "string" ? document.name : path,
        events: eventNames.filter((name) => name in on),
        dispatchInputs: Object.entries(inputs).map(([name, value]) => readInput(name, value)),
        crons,
        push,
      };
    },
    title: (_text, path, run) => `${path} by ${run.actor}${run.inputs.request_id === undefined ? "" : ` ${run.inputs.request_id}`}`,
    async start(host, run) {
      started.push({ host, run });
    },
    async cancel(runId) {
      cancelled.push(runId);
    },
    async recover(_host, runs) {
      recovered.push(...runs);
    },
    async close() {},
  };
}

/** Which containers are an app's, and when new ones come: a list taken now and then, and sooner where the engine's events say that something changed. */

import { pauseFor } from "../merge-sources.ts";
import type { Origin } from "../source.ts";
import { containerSource } from "./container-source.ts";
import type { Container, Engine } from "./engine.ts";

export interface WatchedApp {
  readonly name: string;
  readonly cluster: string;
  readonly containers: readonly string[];
}

// Events may be lost with their connection; the list is the truth.
const LIST_MS = 10_000;
const EVENTS_PAUSE_MS = 2_000;

export interface WatchContainersOptions {
  readonly engine: Engine;
  readonly apps: readonly WatchedApp[];
  readonly follow: boolean;
  readonly say: (text: string) => void;
}

export function watchContainers({ engine, apps, follow, say }: WatchContainersOptions): Origin {
  return async function* (signal) {
    const bell = openBell();
    if (follow) void listen(engine, bell, signal);
    let known = new Set<string>();
    let failed = false;
    while (!signal.aborted) {
      try {
        const listed = await engine.containers(signal);
        failed = false;
        for (const container of listed) {
          const app = apps.find((each) => each.containers.some((wanted) => isNamed(container, wanted)));
          if (app === undefined || known.has(container.id)) continue;
          yield containerSource({ engine, container, app: app.name, cluster: app.cluster, follow, change: bell.wait });
        }
        known = new Set(listed.map((each) => each.id));
      } catch (error) {
        if (!follow) throw error;
        if (!failed && !signal.aborted) say(error instanceof Error ? error.message : String(error));
        failed = true;
      }
      if (!follow) return;
      await bell.wait(LIST_MS, signal);
    }
  };
}

/**
 * What `containers:` of an app may say: a container's name, in either of compose's spellings; a compose service, alone or as `project/service`;
 * a label as `key=value`.
 */
export function isNamed({ name, labels }: Container, wanted: string): boolean {
  const equals = wanted.indexOf("=");
  if (equals > 0) return labels[wanted.slice(0, equals)] === wanted.slice(equals + 1);
  // Compose 1 joined project, service and number by underscores, compose 2 by hyphens.
  if (name === wanted || name.replaceAll("-", "_") === wanted.replaceAll("-", "_")) return true;
  const service = labels["com.docker.compose.service"];
  return service !== undefined && (wanted === service || wanted === `${labels["com.docker.compose.project"]}/${service}`);
}

interface Bell {
  ring(): void;
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

function openBell(): Bell {
  let waiting: AbortController[] = [];
  return {
    ring() {
      for (const each of waiting) each.abort();
      waiting = [];
    },
    async wait(ms, signal) {
      const rung = new AbortController();
      waiting.push(rung);
      await pauseFor(ms, AbortSignal.any([signal, rung.signal]));
      waiting = waiting.filter((each) => each !== rung);
    },
  };
}

async function listen(engine: Engine, bell: Bell, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      for await (const _event of await engine.events(signal)) bell.ring();
    } catch {
      // Without events the list alone finds what is new, a little later.
    }
    await pauseFor(EVENTS_PAUSE_MS, signal);
  }
}

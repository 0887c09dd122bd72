/** What is said aloud: one polite line at most every five seconds, joined; an alert at once, only for a failed action of one's own. */
import { useSyncExternalStore } from "react";

interface Spoken {
  readonly polite: string;
  readonly alert: string;
}

const PAUSE_MS = 5_000;

let spoken: Spoken = { polite: "", alert: "" };
let waiting: string[] = [];
let quietUntil = 0;
let timer: ReturnType<typeof setTimeout> | null = null;
const listeners = new Set<() => void>();

export function announce(text: string): void {
  if (!waiting.includes(text)) waiting.push(text);
  if (timer !== null) return;
  timer = setTimeout(speak, Math.max(0, quietUntil - performance.now()));
}

export function announceAlert(text: string): void {
  publish({ ...spoken, alert: text });
}

export function useSpoken(): Spoken {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => spoken,
  );
}

function speak(): void {
  timer = null;
  quietUntil = performance.now() + PAUSE_MS;
  const polite = waiting.join(" ");
  waiting = [];
  publish({ ...spoken, polite });
}

function publish(next: Spoken): void {
  spoken = next;
  for (const listener of listeners) listener();
}

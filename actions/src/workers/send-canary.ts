/**
 * A canary: one harmless request whose id shows in the app's access log, travels through the collector, and comes back on branch `status`. What
 * comes back proves the whole path; what does not is an alarm of its own.
 */
import {
  type CanaryRequest,
  COLLECTOR_FOLDER,
  type CollectorHealth,
  type Config,
  collectorHealthSchema,
  durationMs,
  formatDuration,
} from "../domain/index.ts";
import type { Branch } from "../github/branch.ts";
import { sentence } from "./conduct.ts";
import type { Journal } from "./journal.ts";
import { type Outcome, Refusal } from "./outcome.ts";
import { type Clock, WaitedTooLong, waitUntil } from "./wait-until.ts";

export interface CanaryWork extends Clock {
  readonly config: Config;
  readonly journal: Journal;
  readonly status: Pick<Branch, "head" | "files" | "read">;
  /** Asks the app for an address; rejects when there was no answer at all. */
  send(url: string): Promise<void>;
}

interface Receipt {
  readonly collector: string;
  readonly source: string;
  readonly seenAt: string;
}

export async function sendCanary(request: CanaryRequest, work: CanaryWork): Promise<Outcome> {
  const { journal, config, now } = work;
  const canary = canaryOf(config, request.app);
  const sentAt = now().toISOString();
  const data = { app: request.app, sentAt };
  try {
    await work.send(addressOf(canary.url, request.requestId));
    const receipt = await waitUntil("The canary's return", durationMs(canary.within), work, () =>
      receiptOf(request.requestId, work.status),
    );
    const tookMs = Math.max(0, Date.parse(receipt.seenAt) - Date.parse(sentAt));
    await journal.record("received", "canary.received", { ...data, ...receipt, tookMs });
    return {
      result: "completed",
      title: `The canary of ${request.app} came back`,
      facts: [
        { name: "Read by", value: `${receipt.collector}, in ${receipt.source}` },
        { name: "Seen after", value: formatDuration(tookMs) },
      ],
      next: "Nothing.",
    };
  } catch (error) {
    // What the ledger refuses is no word about the canary.
    if (!(error instanceof WaitedTooLong) && !(error instanceof Unanswered)) throw error;
    const problem = sentence(error);
    await journal.record("missing", "canary.missing", { ...data, problem });
    return {
      result: "failed",
      title: `The canary of ${request.app} never came back`,
      problem,
      exists: [],
      next: "Follow the path: the app's address, its access log, the collector, branch status. Until one comes back, what happens may go unseen.",
    };
  }
}

/** The app could not be asked. */
export class Unanswered extends Error {
  override readonly name = "Unanswered";
}

function canaryOf({ apps }: Config, name: string): NonNullable<Config["apps"][number]["canary"]> {
  const app = apps.find((each) => each.name === name);
  if (app === undefined) {
    throw new Refusal(
      `There is no app ${name}.`,
      `Name one of the apps in holdfast.yml: ${apps.map((each) => each.name).join(", ") || "none"}.`,
    );
  }
  if (app.canary === undefined) {
    throw new Refusal(
      `holdfast.yml gives no address for a canary of ${name}.`,
      "Set canary.url of that app to an address that its access log shows.",
    );
  }
  return app.canary;
}

function addressOf(url: string, id: string): string {
  const address = new URL(url);
  address.searchParams.set("holdfast-canary", id);
  return address.href;
}

async function receiptOf(id: string, status: CanaryWork["status"]): Promise<Receipt | null> {
  const head = await status.head();
  const files = head === null ? [] : await status.files(head);
  for (const file of files.filter((each) => each.path.startsWith(COLLECTOR_FOLDER))) {
    const health = readHealth(await status.read(file.sha));
    const source = health?.sources.find((each) => each.canary?.id === id);
    if (health && source?.canary) return { collector: health.collector, source: source.name, seenAt: source.canary.seenAt };
  }
  return null;
}

/** A report that cannot be read brings nothing back. */
function readHealth(text: string): CollectorHealth | null {
  try {
    return collectorHealthSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

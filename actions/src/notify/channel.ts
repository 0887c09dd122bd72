import type { Notice } from "./notice.ts";

/** How one attempt to deliver ended. Problems are our own words and codes: what a server says may hold addresses and secrets. */
export type Delivery =
  | { readonly delivered: true }
  | {
      readonly delivered: false;
      readonly problem: string;
      /** Whether the same notice may succeed later. */
      readonly worthRetry: boolean;
      /** Asked for by the other side, milliseconds from now. */
      readonly retryAfterMs: number | null;
    };

/** One way to reach people: sends or says why not, and never throws. */
export interface Channel {
  send(notice: Notice, subject: Subject): Promise<Delivery>;
}

/** What is special about a delivery, besides its notice. */
export interface Subject {
  /** Why it comes by this way and not by its own, in a sentence; null for an ordinary one. */
  readonly instead: string | null;
}

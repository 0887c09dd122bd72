/** The only calls that change a tag, and only the two that say whether a snapshot is held: the role behind them deletes nothing. */
import { AddTagsToResourceCommand, RDSClient, type RDSClientConfig, RemoveTagsFromResourceCommand } from "@aws-sdk/client-rds";
import { TAGS } from "../domain/index.ts";
import { refusals } from "./aurora.ts";

export interface Holder {
  /** Marks the snapshot as held, or as let go, by a request. */
  mark(arn: string, mark: Mark, requestId: string): Promise<void>;
  unmark(arn: string, marks: readonly Mark[]): Promise<void>;
}

export type Mark = "held" | "letGo";

// A hold is one or two calls: a client each time costs nothing and never holds credentials that have expired.
export function connectHolder(region: string, credentials: RDSClientConfig["credentials"] | undefined): Holder {
  const send = (call: (client: RDSClient) => Promise<unknown>) =>
    refusals(async () => {
      const client = new RDSClient({ region, ...(credentials === undefined ? {} : { credentials }) });
      try {
        await call(client);
      } finally {
        client.destroy();
      }
    });
  return {
    mark: (arn, mark, requestId) =>
      send((client) => client.send(new AddTagsToResourceCommand({ ResourceName: arn, Tags: [{ Key: TAGS[mark], Value: requestId }] }))),
    unmark: (arn, marks) =>
      send((client) => client.send(new RemoveTagsFromResourceCommand({ ResourceName: arn, TagKeys: marks.map((mark) => TAGS[mark]) }))),
  };
}

import { connect, createServer, type Server, type Socket } from "node:net";
import { freePort } from "./server.ts";

/**
 * The address of a cluster NAME. It keeps its port while the servers behind it change, so a rename or a swap needs no new
 * configuration, and it refuses connections while the cluster has no available instance.
 */
export interface Endpoint {
  readonly port: number;
  /**
   * Starts to accept for a target; for the one it already serves nothing changes. `backend` is asked for each connection, because a
   * server that was restarted may listen elsewhere.
   */
  open(target: string, backend: () => number | undefined): Promise<void>;
  /** Refuses from now on and breaks what is connected. */
  shut(): Promise<void>;
}

export async function makeEndpoint(name: string, seed: string, kept: number | undefined, taken: ReadonlySet<number>): Promise<Endpoint> {
  const port = kept ?? (await freePort(seed, taken));
  const sockets = new Set<Socket>();
  let served: { readonly target: string; readonly listener: Server } | undefined;
  let last: Promise<void> = Promise.resolve();

  // One after another: two openings at once would contend for the port.
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const turn = last.then(work);
    last = turn.catch(() => {});
    return turn;
  };
  const shutNow = async () => {
    const closing = served?.listener;
    served = undefined;
    for (const socket of sockets) socket.destroy();
    if (closing) await new Promise<void>((resolve) => closing.close(() => resolve()));
  };

  return {
    port,
    shut: () => inTurn(shutNow),
    open: (target, backend) =>
      inTurn(async () => {
        if (served?.target === target) return;
        await shutNow();
        const listener = createServer({ noDelay: true }, (client) => join(client, backend(), sockets));
        await new Promise<void>((resolve, reject) => {
          listener.once("error", (cause) =>
            reject(
              new Error(
                `Port ${port}, kept for cluster ${name}, is taken: stop what listens there (another sandbox on this state folder?) and start again`,
                { cause },
              ),
            ),
          );
          listener.listen(port, "127.0.0.1", resolve);
        });
        served = { target, listener };
      }),
  };
}

function join(client: Socket, port: number | undefined, sockets: Set<Socket>): void {
  // Its own "error" is followed by "close", where both ends go.
  client.on("error", () => {});
  if (port === undefined) {
    client.resetAndDestroy();
    return;
  }
  const server = connect({ port, host: "127.0.0.1", noDelay: true });
  server.on("error", () => client.resetAndDestroy());
  for (const [near, far] of [
    [client, server],
    [server, client],
  ] as const) {
    sockets.add(near);
    near.once("close", () => {
      sockets.delete(near);
      far.destroy();
    });
  }
  client.pipe(server).pipe(client);
}

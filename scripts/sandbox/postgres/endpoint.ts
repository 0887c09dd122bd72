import { connect, createServer, type Server, type Socket } from "node:net";
import { freePort } from "./server.ts";

/**
 * The address of a cluster NAME. It keeps its port while the servers behind it change, so a rename or a swap needs no new
 * configuration, and it refuses connections while the cluster has no available instance.
 */
export interface Endpoint {
  readonly port: number;
  /** Starts to accept; `backend` is asked for each connection, because a server that was restarted may listen elsewhere. */
  open(backend: () => number | undefined): Promise<void>;
  /** Refuses from now on and breaks what is connected. */
  shut(): Promise<void>;
}

export async function makeEndpoint(name: string, seed: string, kept: number | undefined, taken: ReadonlySet<number>): Promise<Endpoint> {
  const port = kept ?? (await freePort(seed, taken));
  const sockets = new Set<Socket>();
  let listener: Server | undefined;

  const shut = async () => {
    const closing = listener;
    listener = undefined;
    for (const socket of sockets) socket.destroy();
    if (closing) await new Promise<void>((resolve) => closing.close(() => resolve()));
  };

  return {
    port,
    shut,
    async open(backend) {
      await shut();
      const opening = createServer({ noDelay: true }, (client) => join(client, backend(), sockets));
      await new Promise<void>((resolve, reject) => {
        opening.once("error", (cause) =>
          reject(
            new Error(
              `Port ${port}, kept for cluster ${name}, is taken: stop what listens there (another sandbox on this state folder?) and start again`,
              { cause },
            ),
          ),
        );
        opening.listen(port, "127.0.0.1", resolve);
      });
      listener = opening;
    },
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

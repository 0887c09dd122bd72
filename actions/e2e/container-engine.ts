import { request } from "node:http";

/** Real containers through Docker's own API, for tests; needs DOCKER_HOST and the image `busybox:local` or `localhost/busybox:local`. */
export interface ContainerEngine {
  /** Makes and starts a container that runs a shell script; returns its id. */
  run(
    name: string,
    script: string,
    options?: { readonly tty?: boolean; readonly labels?: Readonly<Record<string, string>> },
  ): Promise<string>;
  restart(name: string): Promise<void>;
  /** Waits until it has ended by itself. */
  ended(name: string): Promise<void>;
  remove(name: string): Promise<void>;
}

const IMAGES = ["busybox:local", "localhost/busybox:local"];

export function openContainerEngine(host: string): ContainerEngine {
  const target = host.startsWith("unix://")
    ? { socketPath: host.slice("unix://".length) }
    : { host: new URL(host).hostname, port: new URL(host).port };
  const ask = (method: string, path: string, body?: unknown) =>
    new Promise<{ readonly status: number; readonly text: string }>((resolve, reject) => {
      const asked = request(
        { ...target, method, path, headers: { host: "docker", ...(body === undefined ? {} : { "content-type": "application/json" }) } },
        (answer) => {
          let text = "";
          answer.setEncoding("utf8");
          answer.on("data", (chunk) => {
            text += chunk;
          });
          answer.on("end", () => resolve({ status: answer.statusCode ?? 0, text }));
        },
      );
      asked.once("error", reject);
      asked.end(body === undefined ? undefined : JSON.stringify(body));
    });
  const must = async (method: string, path: string, body?: unknown): Promise<string> => {
    const { status, text } = await ask(method, path, body);
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${text}`);
    return text;
  };
  const image = async (): Promise<string> => {
    const { text } = await ask("GET", "/images/json");
    const found = IMAGES.find((each) => text.includes(`"${each}"`));
    if (found === undefined) throw new Error(`the container engine has none of the images ${IMAGES.join(", ")}`);
    return found;
  };

  return {
    async run(name, script, { tty = false, labels = {} } = {}) {
      const created = await must("POST", `/containers/create?name=${name}`, {
        Image: await image(),
        Cmd: ["/busybox/sh", "-c", script],
        Tty: tty,
        Labels: labels,
        HostConfig: {
          NetworkMode: "host",
          // What an engine inside a container of its own is allowed to give: no device rules, no limit of processes, small rlimits.
          Privileged: true,
          PidsLimit: 0,
          Ulimits: [
            { Name: "nofile", Soft: 1024, Hard: 1024 },
            { Name: "nproc", Soft: 1024, Hard: 1024 },
          ],
        },
      });
      await must("POST", `/containers/${name}/start`);
      return created;
    },
    restart: async (name) => void (await must("POST", `/containers/${name}/restart?t=0`)),
    ended: async (name) => void (await must("POST", `/containers/${name}/wait`)),
    remove: async (name) => void (await ask("DELETE", `/containers/${name}?force=1`)),
  };
}

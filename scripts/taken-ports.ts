import { createServer } from "node:net";

// The page's port and the six of the stand-ins behind it.
const PORTS = 7;

/** Which of the ports that a start would use are in use; none for 0, which means any. */
export async function takenPorts(first: number): Promise<readonly number[]> {
  if (first === 0) return [];
  const ports = Array.from({ length: PORTS }, (_, offset) => first + offset);
  const free = await Promise.all(ports.map(isFree));
  return ports.filter((_, index) => !free[index]);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}

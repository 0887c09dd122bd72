import { useEffect, useState } from "react";

/** Reading a typed time needs Temporal; browsers without it fetch it once. */
export function useTemporal(): boolean {
  const [ready, setReady] = useState("Temporal" in globalThis);
  useEffect(() => {
    if (!ready) void import("temporal-polyfill/global").then(() => setReady(true));
  }, [ready]);
  return ready;
}

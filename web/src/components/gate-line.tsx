import { useQuery } from "@tanstack/react-query";
import { explain } from "../lib/api-failure.ts";
import { gateSentence } from "../lib/gate.ts";
import { useSystem } from "../lib/system.tsx";
import { visibleText } from "../lib/visible-text.ts";

// Rules of an environment change rarely; the moment before something is sent they are read anyway, because the screen is opened anew.
const LOOK_AGAIN_MS = 60_000;

/** Which gate is in force for this work. */
export function GateLine({
  environment: name,
}: {
  readonly environment: "restore" | "rewind" | "cut-over" | "cleanup" | "migration-approval" | "override";
}) {
  const { session } = useSystem();
  const environment = useQuery({
    queryKey: ["environment", name],
    queryFn: () => session.github.environment(name),
    refetchInterval: LOOK_AGAIN_MS,
  });
  if (environment.data !== undefined) return <>{visibleText(gateSentence(name, environment.data))}</>;
  if (environment.error === null) return <>reading the environment's rules…</>;
  return <>The environment's rules cannot be read, so whether anybody is asked is unknown. {explain(environment.error).meaning}</>;
}

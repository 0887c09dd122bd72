/** Turns faults into the hooks that the sandbox's services ask before they answer. Nothing is struck before `arm`, nor after `disarm`. */
import { setTimeout as pause } from "node:timers/promises";
import type { Fault as GitHubFault, Seen } from "../github/serve.ts";
import type { Fault as AwsFault, AwsRequest } from "../rds/aws.ts";
import type { Fate, Work } from "../rds/service.ts";
import type { NamedFault, Slow, Strike } from "./named-faults.ts";

export interface Faults {
  arm(fault: NamedFault): void;
  disarm(): void;
  /** How many requests were struck since the last `arm`. */
  struck(): number;
  /** How far AWS's clock is ahead. */
  skewMs(): number;
  /** How long credentials live now. */
  credentialSeconds(): number;
  readonly github: (request: Seen) => Promise<GitHubFault | undefined>;
  readonly aws: (request: AwsRequest) => Promise<AwsFault | undefined>;
  readonly work: (work: Work) => Fate | undefined;
}

/** What STS gives where nobody asks for more. */
const USUAL_CREDENTIAL_SECONDS = 3_600;

export function openFaults(): Faults {
  let armed: { readonly strike: Strike; seen: number }[] = [];
  let skew = 0;
  let credentialSeconds = USUAL_CREDENTIAL_SECONDS;
  let count = 0;

  /** The first strike that fits and whose turn it is; each counts the requests that fit it. */
  const next = (fits: (strike: Strike) => boolean): Strike | undefined => {
    for (const each of armed) {
      const { strike } = each;
      if (!fits(strike)) continue;
      each.seen += 1;
      const turn = each.seen - (strike.skip ?? 0);
      if (turn < 1 || turn > (strike.times ?? Number.POSITIVE_INFINITY)) continue;
      count += 1;
      return strike;
    }
    return undefined;
  };
  const slowly = async <F extends { readonly kind: string }>(fault: F | Slow): Promise<F | undefined> => {
    if (!isSlow(fault)) return fault;
    await pause(fault.ms);
    return undefined;
  };

  return {
    arm(fault) {
      armed = fault.strikes.map((strike) => ({ strike, seen: 0 }));
      skew = fault.skewMs ?? 0;
      credentialSeconds = fault.credentialSeconds ?? USUAL_CREDENTIAL_SECONDS;
      count = 0;
    },
    disarm() {
      armed = [];
      skew = 0;
      credentialSeconds = USUAL_CREDENTIAL_SECONDS;
    },
    struck: () => count,
    skewMs: () => skew,
    credentialSeconds: () => credentialSeconds,
    async github({ method, path }) {
      const strike = next((each) => each.on === "github" && each.method === method && each.path.test(path));
      return strike?.on === "github" ? slowly(strike.fault) : undefined;
    },
    async aws({ action }) {
      const strike = next((each) => each.on === "aws" && each.action.test(action));
      return strike?.on === "aws" ? slowly(strike.fault) : undefined;
    },
    work({ kind }) {
      const strike = next((each) => each.on === "work" && each.work === kind);
      return strike?.on === "work" ? strike.fate : undefined;
    },
  };
}

function isSlow(fault: { readonly kind: string }): fault is Slow {
  return fault.kind === "slow";
}

import type { TokenCheck } from "./token-rights.ts";

/** Why this token cannot start work, or null. An unclear right is tried: GitHub decides, and says so. */
export function whyNoDispatch(check: TokenCheck): string | null {
  const verdict = check.rights.find((each) => each.id === "dispatch");
  return verdict?.held === "no" ? `This token may not start work (Actions: write; ${verdict.note}).` : null;
}

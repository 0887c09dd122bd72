import { Link } from "wouter";
import { counted } from "../lib/counted.ts";
import { rewindOffer } from "../lib/rewind-offer.ts";
import { useSystem } from "../lib/system.tsx";
import { visibleText } from "../lib/visible-text.ts";
import { Instant } from "./instant.tsx";

/** The third way beside a second and a snapshot: what a rewind would cost, or how to learn it. */
export function InsteadOfRestore({ incident }: { readonly incident: string }) {
  const { ledger } = useSystem();
  const offer = rewindOffer(incident, ledger.value?.verdict.entries ?? []);
  if (offer === null) {
    return (
      <p>
        A rewind loses none of the good writes;{" "}
        <Link href={incident === "" ? "/rewind" : `/incidents/${encodeURIComponent(incident)}/rewind`}>plan one</Link> to see how many rows
        it would ask about.
      </p>
    );
  }
  const { requestId, at, asked, refused, completed } = offer;
  const plan = <Link href={`/runs/${requestId}`}>{completed ? "the rewind" : "the plan"}</Link>;
  if (completed) {
    return (
      <p>
        The rows of this incident were brought back already: see {plan}, planned <Instant at={at} relative />.
      </p>
    );
  }
  return (
    <p>
      A rewind asks about {counted(asked, "row")} and loses none of the good writes: see {plan} of <Instant at={at} relative />
      {refused.length === 0 ? null : `. It can do nothing about ${visibleText(refused.join(", "))}`}.
    </p>
  );
}

import type { AlertView } from "@holdfast/actions/domain";
import { Section } from "../../components/section.tsx";
import { EntryLine, Mark, TimeLine } from "../../components/time-line.tsx";
import { momentsAround } from "../../lib/around-alert.ts";
import { useSystem } from "../../lib/system.tsx";
import { visibleText } from "../../lib/visible-text.ts";

/** The hour before, the alert itself, and what came of it. */
export function Around({ view }: { readonly view: AlertView }) {
  const { ledger } = useSystem();
  const moments = momentsAround(view, ledger.value?.verdict.entries ?? []);
  return (
    <Section title="What else happened around it">
      <TimeLine label="What happened around this alert, oldest first">
        {moments.map((each) =>
          each.entry === undefined ? (
            <Mark key={each.mark} at={each.at} aside={each.aside ?? false}>
              {visibleText(each.mark)}
            </Mark>
          ) : (
            <EntryLine key={each.entry.seq} entry={each.entry} here={view.alert.id} />
          ),
        )}
      </TimeLine>
    </Section>
  );
}

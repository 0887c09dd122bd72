import { Section } from "../../components/section.tsx";
import { visibleText } from "../../lib/visible-text.ts";

/** What the rule says about itself. */
export function Meaning({ rule }: { readonly rule: string }) {
  return (
    <Section title="What it means">
      <p>{visibleText(rule)}</p>
    </Section>
  );
}

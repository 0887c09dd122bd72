import type { CheckedDraft } from "../lib/checked-draft.ts";
import { type Fact, Facts } from "./facts.tsx";
import styles from "./review-section.module.css";
import { Section } from "./section.tsx";

interface Said {
  readonly reason: string;
  readonly incident?: string;
  readonly requestId: string;
}

interface ReviewSectionProps<Field extends string> {
  readonly facts: readonly Fact[];
  readonly checked: CheckedDraft<{ readonly request: Said }, Field>;
  /** The form's fields in their order, as people know them. */
  readonly fields: readonly { readonly name: Field; readonly label: string }[];
}

/** What will happen, from the very request that is sent; until there is one, what it still lacks. */
export function ReviewSection<Field extends string>({ facts, checked, fields }: ReviewSectionProps<Field>) {
  if (checked.ok) {
    const { reason, incident, requestId } = checked.request;
    const said: readonly Fact[] = [
      { name: "Reason", value: reason },
      ...(incident === undefined ? [] : [{ name: "Incident", value: incident }]),
      { name: "Request", value: <code>{requestId}</code> },
    ];
    return (
      <Section title="Review" boxed>
        <Facts facts={[...facts, ...said]} />
        <p>This is what will be sent.</p>
      </Section>
    );
  }
  const { problems } = checked;
  return (
    <Section title="Review" boxed>
      <Facts facts={facts} />
      <div className={styles.lacking}>
        <p>Before it can be sent:</p>
        <ul>
          {fields.map(({ name, label }) =>
            problems[name] === undefined ? null : (
              <li key={name}>
                {label}: {problems[name]}
              </li>
            ),
          )}
        </ul>
      </div>
    </Section>
  );
}
